using System.Globalization;
using Microsoft.AspNetCore.Components;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Workbench.Compose;

/// <summary>Which strategy, what it does and costs, and the options it takes.</summary>
public sealed partial class StrategyPicker
{
    [Inject] public required StrategyCatalogue Strategies { get; init; }

    /// <summary>Begins the ids of its fields.</summary>
    [Parameter, EditorRequired] public required string Id { get; set; }
    [Parameter, EditorRequired] public required string Strategy { get; set; }
    [Parameter] public StrategyOptions? Options { get; set; }
    [Parameter] public EventCallback<IStrategy> OnStrategy { get; set; }
    [Parameter] public EventCallback<StrategyOptions> OnOptions { get; set; }

    private IStrategy? Current => Strategies.Find(Strategy);

    private string Shown(StrategyOption option) =>
        option.Of(Options) is var value && option.LeastText is { } least && value == option.Least ? least : Fmt.Css(value);

    private async Task Choose(ChangeEventArgs e)
    {
        if (Strategies.Find(e.Value as string) is { } chosen)
        {
            await OnStrategy.InvokeAsync(chosen);
        }
    }

    private async Task SetAsync(StrategyOption option, ChangeEventArgs e)
    {
        if (double.TryParse(e.Value as string, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
        {
            await OnOptions.InvokeAsync(option.Set(Options, Math.Clamp(value, option.Least, option.Most)));
        }
    }
}
