using System.Collections.Immutable;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Workbench.State;

/// <summary>What an agent is doing, as its panel shows it.</summary>
public enum AgentPhase { Waiting, Queued, Prefilling, Thinking, Tool, Answering, Done, LengthLimit, Stopped, Failed }

/// <summary>One agent of a run, folded from its events. Touched on the circuit's dispatcher only.</summary>
public sealed class AgentViewModel(int index, AgentSpec spec)
{
    private readonly List<ToolSpan> _toolSpans = [];
    private readonly List<string> _earlier = [];

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
    public IReadOnlyList<ToolSpan> ToolSpans => _toolSpans;
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
            case AgentStoppedEarly early:
                StoppedEarly = early;
                break;
            case AgentQueued:
                StartedAt ??= e.At;
                Enter(AgentPhase.Queued);
                break;
            case AgentPrefilling prefilling:
                PrefillAt ??= e.At;
                Prefill = prefilling;
                Enter(AgentPhase.Prefilling);
                break;
            case ReasoningDelta delta:
                SawToken(e.At, delta.Tokens);
                Reasoning.Append(delta.Text);
                Enter(AgentPhase.Thinking);
                break;
            case AnswerDelta delta:
                SawToken(e.At, delta.Tokens);
                AnswerAt ??= e.At;
                Answer.Append(delta.Text);
                Enter(AgentPhase.Answering);
                break;
            case ToolCalled call:
                Reasoning.AddCall(call.CallId, call.Tool, call.Arguments);
                _toolSpans.Add(new ToolSpan(call.CallId, e.At, null));
                Enter(AgentPhase.Tool);
                break;
            case ToolReturned returned:
                Reasoning.CompleteCall(returned.CallId, returned.Result, returned.IsError, returned.Image);
                CloseToolSpan(returned.CallId, e.At);
                Enter(AgentPhase.Thinking);
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
            (Phase, FinishedAt) = (AgentPhase.Stopped, at);
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
        _toolSpans.Clear();
    }

    private void Enter(AgentPhase phase)
    {
        if (!IsOver)
        {
            Phase = phase;
        }
    }

    private void SawToken(DateTimeOffset at, int tokens)
    {
        FirstTokenAt ??= at;
        LastTokenAt = at;
        Tokens = Math.Max(Tokens, tokens);
    }

    private void CloseToolSpan(string callId, DateTimeOffset at)
    {
        var index = _toolSpans.FindLastIndex(span => span.CallId == callId && span.To is null);
        if (index >= 0)
        {
            _toolSpans[index] = _toolSpans[index] with { To = at };
        }
    }

    private void Finish(AgentFinished finished)
    {
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

/// <summary>When a tool ran; <see cref="To"/> is null while it does.</summary>
public sealed record ToolSpan(string CallId, DateTimeOffset From, DateTimeOffset? To);
