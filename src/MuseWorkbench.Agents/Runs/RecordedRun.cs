using System.Collections.Immutable;
using System.Text;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Runs;

/// <summary>What is known of a run from its events: enough to end it as interrupted, and to take it up again.</summary>
internal sealed class RecordedRun
{
    private readonly Dictionary<int, AgentStarted> _started = [];
    private readonly Dictionary<int, StringBuilder> _reasoning = [];
    private readonly Dictionary<int, AgentFinished> _finished = [];
    private readonly Dictionary<int, int> _openTokens = [];
    private readonly Dictionary<int, List<Region>> _regions = [];
    private double _earlierMs;
    private int _lostTokens;
    private DateTimeOffset _segmentStart;

    public RecordedRun(IReadOnlyList<RunEvent> events)
    {
        Events = events;
        foreach (var e in events)
            Apply(e);
    }

    public IReadOnlyList<RunEvent> Events { get; }

    /// <summary>Null where the first event is missing.</summary>
    public RunRequest? Request { get; private set; }

    public DateTimeOffset StartedAt { get; private set; }

    public RunFinished? End { get; private set; }

    /// <summary>Whether it was cut off, and is whole up to there.</summary>
    public bool CanResume => Request is not null && End is { Outcome: RunOutcome.Interrupted } && Events[^1].Seq == Events.Count;

    /// <summary>The team's agents that have not finished.</summary>
    public ImmutableArray<int> Unfinished => Request is null ? [] : [.. Enumerable.Range(0, Request.Team.Agents.Length).Where(i => !_finished.ContainsKey(i))];

    /// <summary>Time the run took up to its last event, pauses between segments left out.</summary>
    public double WallClockMs => _earlierMs + (End is null && Events.Count > 0 ? (Events[^1].At - _segmentStart).TotalMilliseconds : 0);

    /// <summary>Tokens of agents that had not finished: generated, and lost if they begin again.</summary>
    public int OpenTokens => _lostTokens + _openTokens.Values.Sum();

    public uint? SeedOf(int agent) => _started.TryGetValue(agent, out var started) ? started.Seed : null;

    /// <summary>
    /// What an agent had said when it finished; null where it must work. Only members of the first stage on the run's own
    /// question are sure to be asked the same again: what a strategy asks besides depends on what it has heard.
    /// </summary>
    public AgentResult? ResultOf(AgentAssignment assignment)
    {
        var task = assignment.Task;
        var same = task is { Stage: 1, Role: AgentRole.Member, Closing: null, WithImages: true } && task.Prompt == Request!.Prompt
            && _started.TryGetValue(assignment.Index, out var started) && (started.Stage, started.Member) == (1, task.Member);
        return same && _finished.TryGetValue(assignment.Index, out var finished)
            ? new AgentResult(
                finished.Agent, finished.Outcome, finished.Answer, finished.NormalisedAnswer,
                [.. _regions.GetValueOrDefault(finished.Agent) ?? []], finished.Usage,
                finished.Usage.GeneratedTokens + task.After.Select(r => r.PathTokens).DefaultIfEmpty(0).Max())
            {
                Error = finished.Outcome == AgentOutcome.Failed ? finished.Error : null,
                Reasoning = _reasoning.GetValueOrDefault(finished.Agent)?.ToString() ?? "",
                Member = task.Member,
                Confidence = finished.Confidence,
            }
            : null;
    }

    /// <summary>The end of a run that was cut off after these events.</summary>
    public RunFinished Interrupted() => new()
    {
        Outcome = RunOutcome.Interrupted,
        WallClockMs = WallClockMs,
        TotalTokens = OpenTokens + _finished.Values.Sum(f => f.Usage.GeneratedTokens),
        CriticalPathTokens = _openTokens.Values.Concat(_finished.Values.Select(f => f.Usage.GeneratedTokens)).DefaultIfEmpty(0).Max(),
    };

    private void Apply(RunEvent e)
    {
        switch (e)
        {
            case RunStarted started:
                (Request, StartedAt, _segmentStart) = (started.Request, e.At, e.At);
                break;
            case RunResumed:
                (End, _segmentStart) = (null, e.At);
                _lostTokens += _openTokens.Values.Sum();
                _openTokens.Clear();
                break;
            case RunFinished finished:
                (End, _earlierMs) = (finished, finished.WallClockMs);
                break;
            case AgentStarted started:
                _started[started.Agent] = started;
                _reasoning[started.Agent] = new StringBuilder();
                _regions.Remove(started.Agent);
                break;
            case ReasoningDelta delta:
                _openTokens[delta.Agent] = delta.Tokens;
                _reasoning.GetValueOrDefault(delta.Agent)?.Append(delta.Text);
                break;
            case AnswerDelta delta:
                _openTokens[delta.Agent] = delta.Tokens;
                break;
            case RegionFound { Channel: TextChannel.Answer } found:
                (_regions.TryGetValue(found.Agent, out var regions) ? regions : _regions[found.Agent] = []).Add(found.Region);
                break;
            case AgentFinished finished:
                _finished[finished.Agent] = finished;
                _openTokens.Remove(finished.Agent);
                break;
        }
    }
}
