using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using MuseWorkbench.Agents.Conversation;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Runs;

/// <summary>What is known of a run from its events: enough to end it as interrupted, and to take it up again.</summary>
internal sealed class RecordedRun
{
    private readonly Dictionary<int, AgentStarted> _started = [];
    private readonly Dictionary<int, CallMessage> _asked = [];
    private readonly Dictionary<int, RecordedTurn> _turns = [];
    private readonly Dictionary<int, AgentFinished> _finished = [];
    private readonly Dictionary<int, int> _openTokens = [];
    // Taken up again, and not heard of since.
    private readonly HashSet<int> _resumed = [];
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

    /// <summary>The team's agents, and those a strategy added, that have not finished.</summary>
    private ImmutableArray<int> Unfinished =>
        Request is null ? [] : [.. Enumerable.Range(0, Request.Team.Agents.Length).Union(_started.Keys).Where(i => !_finished.ContainsKey(i)).Order()];

    /// <summary>Time the run took up to its last event, pauses between segments left out.</summary>
    public double WallClockMs => _earlierMs + (End is null && Events.Count > 0 ? (Events[^1].At - _segmentStart).TotalMilliseconds : 0);

    /// <summary>Generated tokens of all agents, those whose words were lost included.</summary>
    public int TotalTokens => _lostTokens + _openTokens.Values.Sum() + _finished.Values.Sum(f => f.Usage.GeneratedTokens);

    public uint? SeedOf(int agent) => _started.TryGetValue(agent, out var started) ? started.Seed : null;

    /// <summary>What an agent goes on behind; null where it had finished, can't, or is asked something else now.</summary>
    public AgentBeginning? BeginningOf(AgentAssignment assignment) =>
        !_finished.ContainsKey(assignment.Index) && IsTheSame(assignment, out var started) && _turns.GetValueOrDefault(assignment.Index) is { CanBeTakenUp: true } turn
            ? turn.ToBeginning(started.Model, _openTokens.GetValueOrDefault(assignment.Index))
            : null;

    /// <summary>
    /// What an agent had said when it finished; null where it must work, because it had not or is asked something else now.
    /// What a strategy asks depends on what it has heard, so the words asked then and now are compared.
    /// </summary>
    public AgentResult? ResultOf(AgentAssignment assignment)
    {
        return IsTheSame(assignment, out _) && _finished.TryGetValue(assignment.Index, out var finished)
            ? new AgentResult(
                finished.Agent, finished.Outcome, finished.Answer, finished.NormalisedAnswer,
                [.. _turns.GetValueOrDefault(finished.Agent)?.AnswerRegions ?? []], finished.Usage,
                finished.Usage.GeneratedTokens + assignment.Task.After.Select(r => r.PathTokens).DefaultIfEmpty(0).Max())
            {
                Error = finished.Outcome == AgentOutcome.Failed ? finished.Error : null,
                Reasoning = _turns.GetValueOrDefault(finished.Agent)?.Reasoning ?? "",
                Member = assignment.Task.Member,
                Confidence = finished.Confidence,
            }
            : null;
    }

    /// <summary>The request that asks one agent once more what it was asked, with another seed.</summary>
    /// <exception cref="RunRejectedException">There is no such agent.</exception>
    public RunRequest Again(int agent, Guid runId)
    {
        if (Request is null || !_started.TryGetValue(agent, out var started))
            throw new RunRejectedException("The run has no such agent, or it has not begun yet.");
        var spec = started.Member is { } member && member < Request.Team.Agents.Length ? Request.Team.Agents[member] : Request.Team.LeadOrDefault;
        var seed = unchecked(started.Seed + 1 + (uint)Random.Shared.Next());
        var again = Request with
        {
            RerunOf = new RunOrigin(runId, agent), Priority = null, Experiment = null,
            Team = new TeamSpec
            {
                Name = $"{started.Name} again", Strategy = SingleAgent.StrategyName,
                Agents = [spec with { Name = started.Name, Sampling = spec.Sampling with { Seed = seed == uint.MaxValue ? 0 : seed } }],
            },
        };
        if (_asked.TryGetValue(agent, out var asked) && asked.Text != AgentPrompt.Text(Request.Prompt, spec, null))
        {
            // Its words held what others had said: they are asked again as they were, its role among them.
            again = again with
            {
                Prompt = asked.Text, Images = asked.Images > 0 ? Request.Images : [], Team = again.Team with { Agents = [again.Team.Agents[0] with { Role = null, Answer = null }] },
            };
        }
        return again;
    }

    /// <summary>The beginning of another segment.</summary>
    public RunResumed Resumed()
    {
        var byWay = Unfinished.ToLookup(i => _turns.GetValueOrDefault(i) is { CanBeTakenUp: true });
        return new RunResumed { Agents = [.. byWay[false]], Continued = [.. byWay[true]] };
    }

    /// <summary>The end of a run that was cut off after these events.</summary>
    public RunFinished Interrupted() => new()
    {
        Outcome = RunOutcome.Interrupted,
        WallClockMs = WallClockMs,
        TotalTokens = TotalTokens,
        CriticalPathTokens = _openTokens.Values.Concat(_finished.Values.Select(f => f.Usage.GeneratedTokens)).DefaultIfEmpty(0).Max(),
    };

    private void Lose(int agent)
    {
        if (_openTokens.Remove(agent, out var tokens))
            _lostTokens += tokens;
    }

    private bool IsTheSame(AgentAssignment assignment, [NotNullWhen(true)] out AgentStarted? started) => _started.TryGetValue(assignment.Index, out started)
        && (started.Stage, started.Role, started.Member) == (assignment.Task.Stage, assignment.Task.Role, assignment.Task.Member)
        && IsAskedTheSame(assignment);

    // Runs kept before calls were recorded don't tell what was asked: only members on the run's own question are sure of it.
    private bool IsAskedTheSame(AgentAssignment assignment) => _asked.TryGetValue(assignment.Index, out var asked)
        ? asked.Text == AgentPrompt.Text(assignment) && asked.Images > 0 == (assignment.Task.WithImages && Request!.Images.Length > 0)
        : assignment.Task is { Stage: 1, Role: AgentRole.Member, Closing: null, WithImages: true } task && task.Prompt == Request!.Prompt;

    private void Apply(RunEvent e)
    {
        switch (e)
        {
            case RunStarted started:
                (Request, StartedAt, _segmentStart) = (started.Request, e.At, e.At);
                break;
            case RunResumed resumed:
                (End, _segmentStart) = (null, e.At);
                foreach (var agent in resumed.Agents)
                    Lose(agent);
                _resumed.UnionWith(resumed.Continued);
                break;
            case RunFinished finished:
                (End, _earlierMs) = (finished, finished.WallClockMs);
                break;
            case AgentStarted started:
                // One that had finished and begins again was asked something else; what it had said was lost.
                if (_finished.Remove(started.Agent, out var before))
                    _lostTokens += before.Usage.GeneratedTokens;
                // One that was to go on and could not, likewise.
                if (_resumed.Remove(started.Agent))
                    Lose(started.Agent);
                _asked.Remove(started.Agent);
                _started[started.Agent] = started;
                _turns[started.Agent] = new RecordedTurn();
                break;
            case CallSent call:
                _resumed.Remove(call.Agent);
                if (call.Call == 1 && call.Messages.LastOrDefault(message => message.Role == "user") is { } asked)
                    _asked[call.Agent] = asked;
                _turns.GetValueOrDefault(call.Agent)?.Add(call);
                break;
            case TextDelta delta:
                _openTokens[delta.Agent] = delta.Tokens;
                _turns.GetValueOrDefault(delta.Agent)?.Add(delta);
                break;
            case RegionFound found:
                _turns.GetValueOrDefault(found.Agent)?.Add(found);
                break;
            case ToolCalled called:
                _turns.GetValueOrDefault(called.Agent)?.CallsTool();
                break;
            case AgentFinished finished:
                _finished[finished.Agent] = finished;
                _openTokens.Remove(finished.Agent);
                break;
        }
    }
}
