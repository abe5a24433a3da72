using System.Collections.Immutable;
using System.Text;
using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Scoring;

/// <summary>A region as an agent named it.</summary>
public sealed record ScoredRegion(Region Region, TextChannel Channel);

/// <summary>A tool call and what came of it.</summary>
/// <param name="Arguments">As the model wrote them: JSON where well-formed.</param>
/// <param name="Result">Null where none came.</param>
public sealed record ScoredToolCall(string Tool, string Arguments, string? Result, bool IsError);

/// <summary>What one agent did, put together from its events.</summary>
public sealed record ScoredAgent
{
    /// <summary>Its index in the run, from 0.</summary>
    public required int Index { get; init; }
    public required string Name { get; init; }
    public AgentRole Role { get; init; }
    public string Reasoning { get; init; } = "";
    public string Answer { get; init; } = "";
    public ImmutableArray<ScoredRegion> Regions { get; init; } = [];
    public ImmutableArray<ScoredToolCall> ToolCalls { get; init; } = [];
    /// <summary>Null while it has not finished.</summary>
    public AgentOutcome? Outcome { get; init; }
    public string? Error { get; init; }

    /// <summary>The places its answer names, or where it names none those of its reasoning.</summary>
    public ImmutableArray<Region> Places
    {
        get
        {
            var inAnswer = Regions.Where(r => r.Channel == TextChannel.Answer).Select(r => r.Region).ToImmutableArray();
            return inAnswer.IsEmpty ? [.. Regions.Select(r => r.Region)] : inAnswer;
        }
    }
}

/// <summary>
/// What scorers see of a run. It is made of recorded events alone, so a stored run is scored again, by other assertions,
/// without a token being generated.
/// </summary>
public sealed record ScoredRun
{
    public required RunRequest Request { get; init; }
    public ImmutableArray<ScoredAgent> Agents { get; init; } = [];
    /// <summary>Null where the run came to none.</summary>
    public FinalAnswer? Final { get; init; }
    /// <summary>Null while it has not ended.</summary>
    public RunFinished? End { get; init; }

    /// <summary>The final answer's text; empty where there is none.</summary>
    public string Answer => Final?.Answer ?? "";

    /// <summary>Why the run can't be scored: it broke, was stopped or has not ended. Null where it can be; an empty answer can.</summary>
    public string? Problem => End switch
    {
        null => "The run has not ended.",
        { Outcome: RunOutcome.Failed } => $"The run failed: {End.Error ?? "no reason is recorded"}",
        { Outcome: RunOutcome.Interrupted } => "The run was interrupted.",
        { Outcome: RunOutcome.Stopped } => "The run was stopped.",
        _ => null,
    };

    /// <summary>The agent whose answer is the final one: the lead that had the last word, else the first of those that gave the winning answer. Null on a tie, or without an answer.</summary>
    public ScoredAgent? Author
    {
        get
        {
            if (Final is not { } final || final.Outcome is FinalOutcome.NoAnswer or FinalOutcome.Tie)
                return null;
            var index = final is { Outcome: FinalOutcome.Synthesised, Verdict.Agent: var lead } ? lead
                : final.Options.FirstOrDefault(option => option.Answer == final.Answer) is { Agents: [var first, ..] } ? first
                : Agents is [{ Index: var only }] ? only
                : -1;
            return Agents.FirstOrDefault(agent => agent.Index == index);
        }
    }

    /// <summary>Puts a run together from its events, in order. A resumed run counts as it went on: what agents had said that began again does not.</summary>
    /// <exception cref="ArgumentException">They do not begin with the run's start.</exception>
    public static ScoredRun From(IEnumerable<RunEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        var builder = new Builder();
        foreach (var e in events)
            builder.Add(e);
        return builder.Build();
    }

    private sealed class Builder
    {
        private readonly SortedDictionary<int, AgentBuilder> _agents = [];
        private RunRequest? _request;
        private FinalAnswer? _final;
        private RunFinished? _end;

        public void Add(RunEvent e)
        {
            switch (e)
            {
                case RunStarted started:
                    _request = started.Request;
                    break;
                case AgentStarted started:
                    _agents[started.Agent] = new AgentBuilder(started);
                    break;
                case AgentEvent ofAgent when _agents.TryGetValue(ofAgent.Agent, out var agent):
                    agent.Add(ofAgent);
                    break;
                case FinalAnswer final:
                    _final = final;
                    break;
                case RunFinished end:
                    _end = end;
                    break;
                case RunResumed resumed:
                    Resume(resumed);
                    break;
            }
        }

        public ScoredRun Build() => new()
        {
            Request = _request ?? throw new ArgumentException("A run's events begin with its start."),
            Agents = [.. _agents.Values.Select(agent => agent.Build())],
            Final = _final,
            End = _end,
        };

        private void Resume(RunResumed resumed)
        {
            (_final, _end) = (null, null);
            foreach (var index in _agents.Where(a => resumed.Agents.Contains(a.Key) || (!a.Value.HasFinished && !resumed.Continued.Contains(a.Key))).Select(a => a.Key).ToList())
                _agents.Remove(index);
        }
    }

    private sealed class AgentBuilder(AgentStarted started)
    {
        private readonly StringBuilder _reasoning = new();
        private readonly StringBuilder _answer = new();
        private readonly List<ScoredRegion> _regions = [];
        private readonly List<(string Id, ScoredToolCall Call)> _calls = [];
        private AgentFinished? _finished;

        public bool HasFinished => _finished is not null;

        public void Add(AgentEvent e)
        {
            switch (e)
            {
                case ReasoningDelta delta:
                    _reasoning.Append(delta.Text);
                    break;
                case AnswerDelta delta:
                    _answer.Append(delta.Text);
                    break;
                case RegionFound found:
                    _regions.Add(new ScoredRegion(found.Region, found.Channel));
                    break;
                case ToolCalled called:
                    _calls.Add((called.CallId, new ScoredToolCall(called.Tool, called.Arguments, null, false)));
                    break;
                case ToolReturned returned when _calls.FindLastIndex(call => call.Id == returned.CallId) is >= 0 and var i:
                    _calls[i] = (returned.CallId, _calls[i].Call with { Result = returned.Result, IsError = returned.IsError });
                    break;
                case AgentFinished finished:
                    _finished = finished;
                    break;
            }
        }

        // The end's answer is that of the last turn; the deltas also hold what was said before a tool call.
        public ScoredAgent Build() => new()
        {
            Index = started.Agent, Name = started.Name, Role = started.Role,
            Reasoning = _reasoning.ToString(), Answer = _finished?.Answer ?? _answer.ToString(),
            Regions = [.. _regions], ToolCalls = [.. _calls.Select(call => call.Call)],
            Outcome = _finished?.Outcome, Error = _finished?.Error,
        };
    }
}
