using System.Globalization;
using Microsoft.AspNetCore.Components;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Web.Features.Workbench.State;

namespace MuseWorkbench.Web.Features.Runs.Compare;

/// <summary>Two runs side by side as they stand: answers and votes, times and tokens, and what each agent said.</summary>
public sealed partial class ComparePage
{
    private RunViewModel? _a, _b;
    private (int A, int B) _pair;
    private bool _missing;

    [Inject] public required IRunService Runs { get; init; }
    [Parameter] public Guid A { get; set; }
    [Parameter] public Guid B { get; set; }

    protected override async Task OnParametersSetAsync() =>
        (_a, _b, _missing) = (await ReadAsync(A), await ReadAsync(B)) is ({ } a, { } b) ? (a, b, false) : (null, null, true);

    private async Task<RunViewModel?> ReadAsync(Guid runId)
    {
        var held = Runs.List().FirstOrDefault(run => run.RunId == runId);
        if (held is { Outcome: null } || !await Runs.ExistsAsync(runId))
        {
            return null; // one under way has no end to compare
        }

        var view = new RunViewModel(runId);
        await foreach (var e in Runs.ReadAsync(runId, 0, CancellationToken.None))
        {
            view.Apply(e);
        }

        return view.Agents.IsEmpty ? null : view;
    }

    /// <summary>How much more or less than the other, where that says something.</summary>
    private static string Change(double? mine, double? other) =>
        mine is { } a && other is > 0 and var b && Math.Round(((a / b) - 1) * 100) is var percent and not 0
            ? string.Create(CultureInfo.InvariantCulture, $"({percent:+0;−0} %)")
            : "";
}
