using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Experiments.Results;

namespace MuseWorkbench.Web.Features.Experiments.Findings;

/// <summary>What accuracy is set against.</summary>
public enum ScalingAxis { Agents, Tokens, Time }

/// <summary>Accuracy against what it costs, as teams grow. Read when it is looked at: it reads every run.</summary>
public sealed partial class ScalingView : IDisposable
{
    private readonly CancellationTokenSource _left = new();
    private ImmutableArray<ScalingPoint>? _points;
    private ScalingAxis _axis;
    private int _read;
    private (Guid, int)? _of;

    [Inject] public required ExperimentScaling Scaling { get; init; }
    [Parameter, EditorRequired] public required Experiment Experiment { get; set; }

    /// <summary>Cells with a score: more of them, and it is read again.</summary>
    [Parameter] public int Done { get; set; }

    private IEnumerable<IGrouping<int, ScalingPoint>> Teams => _points!.Value.GroupBy(point => point.Team);

    public void Dispose()
    {
        _left.Cancel();
        _left.Dispose();
    }

    protected override async Task OnParametersSetAsync()
    {
        // While the experiment runs, once at its beginning and once at its end are enough.
        if (_of is { } of && of.Item1 == Experiment.Id && (of.Item2 == Done || Experiment.State == ExperimentState.Running))
        {
            return;
        }

        _of = (Experiment.Id, Done);
        try
        {
            var progress = new Progress<int>(read =>
            {
                _read = read;
                _ = InvokeAsync(StateHasChanged);
            });
            _points = await Task.Run(() => Scaling.OfAsync(Experiment.Id, progress, _left.Token));
        }
        catch (OperationCanceledException)
        {
            // Left meanwhile.
        }
    }

    private static string AxisName(ScalingAxis axis) => axis switch { ScalingAxis.Agents => "agents", ScalingAxis.Tokens => "tokens", _ => "time" };
}
