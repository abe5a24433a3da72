using System.Globalization;
using Microsoft.AspNetCore.Components;
using MuseWorkbench.Agents.Pool;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Workbench.Compose;

/// <summary>How many agents, how daring, how long: presets first, the dials beside them.</summary>
public sealed partial class TeamPicker
{
    [Parameter, EditorRequired] public required ComposerModel Model { get; set; }

    [Inject] public required StrategyCatalogue Strategies { get; init; }
    [Inject] public required AgentPool Pool { get; init; }

    private string? Fault => Strategies.Fault(Model.Build().Team);

    private CostEstimate? Cost => Strategies.Find(Model.Strategy) is { } strategy && Fault is null
        ? CostEstimate.Of(strategy, Model.Build().Team, CostEstimate.OfText(Model.Prompt), Model.Images.Count, Pool.ModelOf)
        : null;

    private string Label => Model.Kept?.Name is { Length: > 0 } kept
        ? kept
        : Model.Strategy == TeamPreset.DefaultStrategy || Strategies.Find(Model.Strategy) is not { } strategy
        ? Size
        : $"{strategy.Info.Title} · {Size}";

    // There is room for one of them; what differs in perception matters more.
    private string Size => Model.Views == ViewChoice.Spread && Model.Agents > 1
        ? string.Create(CultureInfo.InvariantCulture, $"{Model.Agents} sizes")
        : string.Create(CultureInfo.InvariantCulture, $"{Model.Agents} × T {(Model.Spread ? "0.2–" : "")}{Fmt.Css(Model.Temperature)}");

    private static int Number(ChangeEventArgs e, int otherwise) =>
        int.TryParse(e.Value as string, NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) ? value : otherwise;

    private void SetTemperature(ChangeEventArgs e)
    {
        if (double.TryParse(e.Value as string, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
        {
            Model.SetTemperature(value);
        }
    }

    private void SetViews(ChangeEventArgs e)
    {
        if (ViewChoice.Find(e.Value as string) is { } choice)
        {
            Model.SetViews(choice);
        }
    }

    private void SetSeed(ChangeEventArgs e) =>
        Model.SetSeed(uint.TryParse(e.Value as string, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null);
}
