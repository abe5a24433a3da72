using System.Collections.Immutable;
using System.Text;
using MuseWorkbench.Agents.Conversation;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Runs;

/// <summary>What is known of a run from its events: enough to end it as interrupted, and to take it up again.</summary>
internal sealed class RecordedRun
{
    private readonly Dictionary<int, AgentStarted> _started = [];
    private readonly Dictionary<int, CallMessage> _asked = [];
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

    /// <summary>The team's agents, and those a strategy added, that have not finished.</summary>
    public ImmutableArray<int> Unfinished =>
        Request is null ? [] : [.. Enumerable.Range(0, Request.Team.Agents.Length).Union(_started.Keys).Where(i => !_finished.ContainsKey(i)).Order()];

    /// <summary>Time the run took up to its last event, pauses between segments left out.</summary>
    public double WallClockMs => _earlierMs + (End is null && Events.Count > 0 ? (Events[^1].At - _segmentStart).TotalMilliseconds : 0);

    /// <summary>Tokens of agents that had not finished: generated, and lost if they begin again.</summary>
    public int OpenTokens => _lostTokens + _openTokens.Values.Sum();

    public uint? SeedOf(int agent) => _started.TryGetValue(agent, out var started) ? started.Seed : null;

    /// <summary>Tokens of an agent that had finished; 0 where it had not.</summary>
    public int FinishedTokensOf(int agent) => _finished.TryGetValue(agent, out var finished) ? finished.Usage.GeneratedTokens : 0;

    /// <summary>
    /// What an agent had said when it finished; null where it must work, because it had not or is asked something else now.
    /// What a strategy asks depends on what it has heard, so the words asked then and now are compared.
    /// </summary>
    public AgentResult? ResultOf(AgentAssignment assignment)
    {
        var task = assignment.Task;
        var same = _started.TryGetValue(assignment.Index, out var started)
            && (started.Stage, started.Role, started.Member) == (task.Stage, task.Role, task.Member)
            && IsAskedTheSame(assignment);
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

    /// <summary>The end of a run that was cut off after these events.</summary>
    public RunFinished Interrupted() => new()
    {
        Outcome = RunOutcome.Interrupted,
        WallClockMs = WallClockMs,
        TotalTokens = OpenTokens + _finished.Values.Sum(f => f.Usage.GeneratedTokens),
        CriticalPathTokens = _openTokens.Values.Concat(_finished.Values.Select(f => f.Usage.GeneratedTokens)).DefaultIfEmpty(0).Max(),
    };

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
            case RunResumed:
                (End, _segmentStart) = (null, e.At);
                _lostTokens += _openTokens.Values.Sum();
                _openTokens.Clear();
                break;
            case RunFinished finished:
                (End, _earlierMs) = (finished, finished.WallClockMs);
                break;
            case AgentStarted started:
                // One that had finished and begins again was asked something else; what it had said was lost.
                _lostTokens += FinishedTokensOf(started.Agent);
                _finished.Remove(started.Agent);
                _asked.Remove(started.Agent);
                _started[started.Agent] = started;
                _reasoning[started.Agent] = new StringBuilder();
                _regions.Remove(started.Agent);
                break;
            case CallSent { Call: 1 } call when call.Messages.LastOrDefault(message => message.Role == "user") is { } asked:
                _asked[call.Agent] = asked;
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
