using Microsoft.AspNetCore.Components;
using MuseWorkbench.Web.Features.Workbench.State;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Workbench.Course;

/// <summary>A side from which a run can be looked at; its name is its tab's.</summary>
public enum RunAspect { Timeline, Votes, Agreement, Differences }

/// <summary>How the run went: when each agent did what, how the vote came about, who agrees with whom, and how two differ.</summary>
public sealed partial class RunCourse : LiveComponent
{
    private RunAspect _view;
    private bool _folded;
    private (int A, int B) _pair = (0, 1);

    [Parameter, EditorRequired] public required RunViewModel Run { get; set; }
    [Parameter] public EventCallback<int?> OnFocus { get; set; }

    protected override object Stamp => (Run, Run.Version, Run.AsOf, _view, _folded, _pair);

    private double SpanMs => Run.StartedAt is { } start ? ((Run.AsOf ?? Run.LastAt) - start).TotalMilliseconds : 0;

    private bool HasTools => Run.Agents.Any(agent => agent.Phases.Any(span => span.Phase == AgentPhase.Tool));

    /// <summary>What marks between parts of a lane stand for; empty where there are none.</summary>
    private string Breaks => string.Join(", ", new[]
    {
        Run.Agents.Any(agent => agent.Moves.Count > 0) ? "failover" : null,
        Run.Agents.Any(agent => agent.Resumptions.Count > 0) ? "resumed" : null,
    }.OfType<string>());

    private bool HasCancelled => Run.Agents.Any(agent => agent.Phase is AgentPhase.Stopped or AgentPhase.Failed);

    private void Show(RunAspect view) => (_view, _folded) = (view, false);

    private void Compare((int A, int B) pair) => (_pair, _view) = (pair, RunAspect.Differences);
}
