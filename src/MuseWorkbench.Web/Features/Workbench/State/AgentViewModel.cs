using System.Collections.Immutable;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Workbench.State;

/// <summary>What an agent is doing, as its panel shows it.</summary>
public enum AgentPhase { Waiting, Queued, Prefilling, Thinking, Tool, Answering, Done, LengthLimit, Stopped, Failed }

/// <summary>One agent of a run, folded from its events. Touched on the circuit's dispatcher only.</summary>
public sealed class AgentViewModel(int index, AgentSpec spec)
{
    private readonly List<PhaseSpan> _phases = [];
    private readonly List<TextMark> _said = [];
    private readonly List<CallRef> _calls = [];
    private readonly List<string> _earlier = [];
    private readonly List<AgentRerouted> _moves = [];
    private readonly List<Resumption> _resumptions = [];

    /// <summary>From 0; the reader sees <see cref="Number"/>.</summary>
    public int Index { get; } = index;
    /// <summary>The team's agent it works as, from 1; the lead has none.</summary>
    public string Number => IsLead ? "★" : Fmt.Count((Member ?? Index) + 1);
    public AgentSpec Spec { get; private set; } = spec;
    /// <summary>Which of the strategy's stages it works in, from 1.</summary>
    public int Stage { get; private set; } = 1;
    public AgentRole Role { get; private set; }
    /// <summary>Index of the team's agent it works as; null for the lead, and before it has begun.</summary>
    public int? Member { get; private set; }
    /// <summary>How it sees the run's images; null where it sees them as they are, and before it has begun.</summary>
    public ImmutableArray<SeenImage>? Seen { get; private set; }
    /// <summary>Its colour: the same in every stage.</summary>
    public string Colour => IsLead ? AgentPalette.Lead : AgentPalette.Class(Member ?? Index);
    /// <summary>Whether it is the team's lead rather than one of its agents.</summary>
    public bool IsLead => Role != AgentRole.Member && Member is null;
    /// <summary>Why the strategy ended it; null where it didn't.</summary>
    public AgentStoppedEarly? StoppedEarly { get; private set; }
    public string Name { get; private set; } = spec.Name;
    public uint? Seed { get; private set; } = spec.Sampling.Seed;
    public AgentPhase Phase { get; private set; }
    public TextFlow Reasoning { get; private set; } = new();
    public TextFlow Answer { get; private set; } = new();
    /// <summary>What it had said in segments that were cut off, before it began again.</summary>
    public IReadOnlyList<string> Earlier => _earlier;
    /// <summary>The answer as counted, once finished; null before.</summary>
    public string? FinalAnswer { get; private set; }
    /// <summary>The answer's parts, once finished, where it is a structured one.</summary>
    public AnswerScene? Scene { get; private set; }
    public string? Error { get; private set; }
    public int Tokens { get; private set; }
    public TokenUsage? Usage { get; private set; }
    public AgentTimings? Timings { get; private set; }
    public AgentPrefilling? Prefill { get; private set; }
    public DateTimeOffset? StartedAt { get; private set; }
    public DateTimeOffset? PrefillAt { get; private set; }
    public DateTimeOffset? FirstTokenAt { get; private set; }
    public DateTimeOffset? AnswerAt { get; private set; }
    public DateTimeOffset? LastTokenAt { get; private set; }
    public DateTimeOffset? FinishedAt { get; private set; }
    /// <summary>What it did when, in order; the last has no end while it goes on.</summary>
    public IReadOnlyList<PhaseSpan> Phases => _phases;
    /// <summary>When each piece of its text was written, in order.</summary>
    public IReadOnlyList<TextMark> Said => _said;
    /// <summary>Its calls to the model; their words stay where the run is kept, until someone asks.</summary>
    public IReadOnlyList<CallRef> Calls => _calls;
    /// <summary>The user wanted its answer before it had done thinking; null where not.</summary>
    public AgentToldToAnswer? ToldToAnswer { get; private set; }
    /// <summary>Why it works on the server it works on; null where there was no choice.</summary>
    public AgentPlaced? Placed { get; private set; }
    /// <summary>Each time its server failed it, and another took over, or itself once started again; in order.</summary>
    public IReadOnlyList<AgentRerouted> Moves => _moves;
    /// <summary>The last of <see cref="Moves"/>; null where there is none.</summary>
    public AgentRerouted? Rerouted => _moves.Count > 0 ? _moves[^1] : null;
    /// <summary>Each time its run was cut off and it went on behind what it had said; in order.</summary>
    public IReadOnlyList<Resumption> Resumptions => _resumptions;
    /// <summary>The server it works on; null where there is but one.</summary>
    public string? Server => Rerouted?.To ?? Placed?.Server;
    /// <summary>Whether it may be told to answer now.</summary>
    public bool MayAnswerNow => ToldToAnswer is null && Answer.IsEmpty && Phase is AgentPhase.Queued or AgentPhase.Prefilling or AgentPhase.Thinking or AgentPhase.Tool;
    /// <summary>Grows with every change; a panel that has shown this version need not render.</summary>
    public long Version { get; private set; }

    public bool IsOver => Phase is AgentPhase.Done or AgentPhase.LengthLimit or AgentPhase.Stopped or AgentPhase.Failed;

    /// <summary>Share of the prompt that is done, 0 to 1.</summary>
    public double PrefillShare => Prefill is { Total: > 0 } p ? Math.Clamp((double)p.Processed / p.Total, 0, 1) : 0;

    /// <summary>Milliseconds from the request to the first token; null before it.</summary>
    public double? TimeToFirstTokenMs => Timings is { TimeToFirstTokenMs: > 0 } timings
        ? timings.TimeToFirstTokenMs
        : (FirstTokenAt - StartedAt)?.TotalMilliseconds;

    /// <summary>Generated tokens a second after the first, as measured by the engine once finished, else as seen here; null before two.</summary>
    public double? TokensPerSecond => Timings is { TokensPerSecond: > 0 } timings
        ? timings.TokensPerSecond
        : Tokens > 1 && LastTokenAt - FirstTokenAt is { TotalSeconds: > 0.05 } span ? (Tokens - 1) / span.TotalSeconds : null;

    internal void Apply(AgentEvent e)
    {
        Version++;
        switch (e)
        {
            case AgentStarted started:
                (Name, Seed, StartedAt) = (started.Name, started.Seed, e.At);
                (Stage, Role, Member) = (started.Stage, started.Role, started.Member);
                Seen = started.Seen;
                break;
            case AgentPlaced placed:
                Placed = placed;
                break;
            case AgentRerouted rerouted:
                _moves.Add(rerouted);
                break;
            case CallSent sent:
                _calls.Add(new CallRef(sent.Call, sent.Seq, null));
                break;
            case CallEnded ended:
                EndCall(ended);
                break;
            case AgentToldToAnswer told:
                ToldToAnswer = told;
                break;
            case AgentStoppedEarly early:
                StoppedEarly = early;
                break;
            case AgentQueued:
                StartedAt ??= e.At;
                Enter(AgentPhase.Queued, e.At);
                break;
            case AgentPrefilling prefilling:
                PrefillAt ??= e.At;
                Prefill = prefilling;
                Enter(AgentPhase.Prefilling, e.At);
                break;
            case ReasoningDelta delta:
                SawToken(e.At, delta.Tokens);
                _said.Add(new TextMark(e.At, TextChannel.Reasoning, Reasoning.Length, delta.Text.Length));
                Reasoning.Append(delta.Text);
                Enter(AgentPhase.Thinking, e.At);
                break;
            case AnswerDelta delta:
                SawToken(e.At, delta.Tokens);
                AnswerAt ??= e.At;
                _said.Add(new TextMark(e.At, TextChannel.Answer, Answer.Length, delta.Text.Length));
                Answer.Append(delta.Text);
                Enter(AgentPhase.Answering, e.At);
                break;
            case ToolCalled call:
                Reasoning.AddCall(call.CallId, call.Tool, call.Arguments);
                Enter(AgentPhase.Tool, e.At);
                break;
            case ToolReturned returned:
                Reasoning.CompleteCall(returned.CallId, returned.Result, returned.IsError, returned.Image);
                Enter(AgentPhase.Thinking, e.At);
                break;
            case AgentFinished finished:
                Finish(finished);
                break;
        }
    }

    /// <summary>Known only once it begins: agents beside the team come from the strategy.</summary>
    internal void WorkAs(AgentSpec spec) => Spec = spec;

    internal void Understand(IEnumerable<RegionMark> marks) => Scene = AnswerScene.Of(this, marks);

    internal void Mark(RegionFound found, RegionMark mark) =>
        (found.Channel == TextChannel.Reasoning ? Reasoning : Answer).Mark(found.TextStart, found.TextLength, mark);

    /// <summary>A run that ended without this agent's last word leaves it stopped.</summary>
    internal void EndWithRun(DateTimeOffset at)
    {
        if (!IsOver)
        {
            Version++;
            ClosePhase(at);
            (Phase, FinishedAt) = (AgentPhase.Stopped, at);
            Reasoning.EndCalls();
        }
    }

    /// <summary>The run is taken up again and this agent begins anew, under the same seed.</summary>
    internal void Restart()
    {
        Version++;
        var said = $"{Reasoning}\n{Answer}".Trim();
        if (said.Length > 0)
        {
            _earlier.Add(said);
        }

        (Reasoning, Answer, Phase, FinalAnswer, Scene, Error) = (new TextFlow(), new TextFlow(), AgentPhase.Waiting, null, null, null);
        (Tokens, Usage, Timings, Prefill) = (0, null, null, null);
        (StartedAt, PrefillAt, FirstTokenAt, AnswerAt, LastTokenAt, FinishedAt) = (null, null, null, null, null, null);
        (StoppedEarly, ToldToAnswer) = (null, null);
        _phases.Clear();
        _said.Clear();
        _calls.Clear();
        _moves.Clear();
        _resumptions.Clear();
    }

    /// <summary>The run is taken up again, and this agent goes on behind what it had said.</summary>
    internal void GoOn(DateTimeOffset at)
    {
        Version++;
        (Phase, FinishedAt) = (AgentPhase.Waiting, null);
        _resumptions.Add(new Resumption(at, Tokens));
    }

    private void Enter(AgentPhase phase, DateTimeOffset at)
    {
        if (IsOver)
        {
            return;
        }

        if (_phases is [] || _phases[^1].Phase != phase)
        {
            ClosePhase(at);
            _phases.Add(new PhaseSpan(phase, at, null));
        }

        Phase = phase;
    }

    private void ClosePhase(DateTimeOffset at)
    {
        if (_phases is [.., { To: null } open])
        {
            _phases[^1] = open with { To = at };
        }
    }

    private void EndCall(CallEnded ended)
    {
        var index = _calls.FindLastIndex(call => call.Call == ended.Call);
        if (index >= 0)
        {
            _calls[index] = _calls[index] with { EndedSeq = ended.Seq };
        }
    }

    private void SawToken(DateTimeOffset at, int tokens)
    {
        FirstTokenAt ??= at;
        LastTokenAt = at;
        Tokens = Math.Max(Tokens, tokens);
    }

    private void Finish(AgentFinished finished)
    {
        ClosePhase(finished.At);
        Reasoning.EndCalls();
        Phase = finished.Outcome switch
        {
            AgentOutcome.Answered => AgentPhase.Done,
            AgentOutcome.LengthLimit => AgentPhase.LengthLimit,
            AgentOutcome.Stopped => AgentPhase.Stopped,
            _ => AgentPhase.Failed,
        };
        (FinalAnswer, Error, Usage, Timings, FinishedAt) = (finished.Answer, finished.Error, finished.Usage, finished.Timings, finished.At);
        Tokens = finished.Usage.GeneratedTokens > 0 ? finished.Usage.GeneratedTokens : Tokens;
    }
}

/// <summary>What an agent did from when to when; <see cref="To"/> is null while it does.</summary>
public sealed record PhaseSpan(AgentPhase Phase, DateTimeOffset From, DateTimeOffset? To);

/// <summary>When an agent went on after an interruption of its run, and behind how many tokens.</summary>
public readonly record struct Resumption(DateTimeOffset At, int Tokens);

/// <summary>A piece of a channel's text and when it was written; start and length in UTF-16 units of the channel's whole text.</summary>
public readonly record struct TextMark(DateTimeOffset At, TextChannel Channel, int Start, int Length);

/// <summary>Where a call's words are: the numbers of its two events; the second is null while it is under way.</summary>
public sealed record CallRef(int Call, long SentSeq, long? EndedSeq);
