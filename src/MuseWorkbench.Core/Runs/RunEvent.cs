using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace MuseWorkbench.Core;

/// <summary>
/// A fact about a run. The set is closed, the stream append-only; panels, hub, replay, store and statistics
/// read this one stream. <see cref="Seq"/> starts at 1 and has no gaps, so a reader resumes from the last it saw.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(RunStarted), "run.started")]
[JsonDerivedType(typeof(AgentStarted), "agent.started")]
[JsonDerivedType(typeof(AgentPlaced), "agent.placed")]
[JsonDerivedType(typeof(AgentRerouted), "agent.rerouted")]
[JsonDerivedType(typeof(AgentQueued), "agent.queued")]
[JsonDerivedType(typeof(AgentPrefilling), "agent.prefilling")]
[JsonDerivedType(typeof(ReasoningDelta), "reasoning.delta")]
[JsonDerivedType(typeof(AnswerDelta), "answer.delta")]
[JsonDerivedType(typeof(RegionFound), "region.found")]
[JsonDerivedType(typeof(ToolCalled), "tool.called")]
[JsonDerivedType(typeof(ToolReturned), "tool.returned")]
[JsonDerivedType(typeof(CallSent), "call.sent")]
[JsonDerivedType(typeof(CallEnded), "call.ended")]
[JsonDerivedType(typeof(AgentToldToAnswer), "agent.answerNow")]
[JsonDerivedType(typeof(AgentStoppedEarly), "agent.stoppedEarly")]
[JsonDerivedType(typeof(AgentFinished), "agent.finished")]
[JsonDerivedType(typeof(VoteChanged), "vote.changed")]
[JsonDerivedType(typeof(FinalAnswer), "final.answer")]
[JsonDerivedType(typeof(RunFinished), "run.finished")]
[JsonDerivedType(typeof(RunResumed), "run.resumed")]
[JsonDerivedType(typeof(EngineSampled), "engine.sampled")]
public abstract record RunEvent
{
    public Guid RunId { get; init; }
    public long Seq { get; init; }
    public DateTimeOffset At { get; init; }
}

/// <summary>An event of one agent. <see cref="Agent"/> is its index in the team, from 0.</summary>
public abstract record AgentEvent : RunEvent
{
    public required int Agent { get; init; }
}

public sealed record RunStarted : RunEvent
{
    public required RunRequest Request { get; init; }
}

/// <summary>The agent's request is about to be sent; its sampling (seed included) is now fixed.</summary>
public sealed record AgentStarted : AgentEvent
{
    public required string Name { get; init; }
    public required string Model { get; init; }
    public required uint Seed { get; init; }
    /// <summary>Which of the strategy's stages it works in, from 1; agents of one stage run side by side.</summary>
    public int Stage { get; init; } = 1;
    public AgentRole Role { get; init; }
    /// <summary>Index of the team's agent whose spec it works by; null for the team's lead.</summary>
    public int? Member { get; init; }
    /// <summary>How it sees the run's images, in their order, where it does not see them as they are; null where it does.</summary>
    public ImmutableArray<SeenImage>? Seen { get; init; }
}

/// <summary>One image as an agent sees it.</summary>
/// <param name="Box">The part it is shown, 0 to 1 of the original image, in whole pixels.</param>
/// <param name="Flip">Left and right exchanged.</param>
/// <param name="Tone">What became of the colours.</param>
/// <param name="Width">Of the picture it is shown, pixels.</param>
/// <param name="Height">Of the picture it is shown, pixels.</param>
public sealed record SeenImage(NormalizedBox Box, bool Flip, ViewTone Tone, int Width, int Height);

/// <summary>What an agent is there for.</summary>
public enum AgentRole
{
    /// <summary>Answers the question; its answer counts in votes.</summary>
    Member,
    /// <summary>Chooses among answers.</summary>
    Judge,
    /// <summary>Merges answers into one.</summary>
    Synthesiser,
    /// <summary>Orders answers by quality.</summary>
    Ranker,
    /// <summary>Concludes from answers and their ranking.</summary>
    Chair,
    /// <summary>Condenses drafts into a workspace for the next round.</summary>
    Distiller,
}

/// <summary>The agent's conversation is sent to its model. What it says back follows, then <see cref="CallEnded"/>.</summary>
public sealed record CallSent : AgentEvent
{
    /// <summary>The call's number within the agent, from 1.</summary>
    public required int Call { get; init; }
    /// <summary>What was added to the conversation since the agent's call before; all of it in its first.</summary>
    public required ImmutableArray<CallMessage> Messages { get; init; }
    /// <summary>Whether the last message is the beginning of the model's own reply, which it goes on with.</summary>
    public bool Continues { get; init; }
}

/// <summary>A message as sent, its images only counted: they are in the run's request or with the tool that made them.</summary>
public sealed record CallMessage(string Role, string Text, int Images = 0);

/// <summary>A call is over, however it ended: what it came to, word for word, markup included.</summary>
public sealed record CallEnded : AgentEvent
{
    public required int Call { get; init; }
    /// <summary>The prompt as its server rendered it, <c>&lt;__media__&gt;</c> in each image's place; null where the server doesn't say.</summary>
    public string? Prompt { get; init; }
    /// <summary>The text generated, as it came.</summary>
    public required string Output { get; init; }
    /// <summary>Where the server splits reasoning off itself, that; null elsewhere.</summary>
    public string? Reasoning { get; init; }
}

/// <summary>The user wants the agent's answer now: its thinking is closed, and it goes on with its answer.</summary>
public sealed record AgentToldToAnswer : AgentEvent
{
    /// <summary>Tokens it had generated.</summary>
    public required int Tokens { get; init; }
}

/// <summary>The request waits for a place on the engine.</summary>
public sealed record AgentQueued : AgentEvent;

/// <summary>Prompt progress in tokens: <see cref="Cached"/> came from a shared prefix, <see cref="Processed"/> (cached ones included) are done.</summary>
public sealed record AgentPrefilling : AgentEvent
{
    public required int Total { get; init; }
    public required int Cached { get; init; }
    public required int Processed { get; init; }
}

/// <summary>More of what an agent says.</summary>
public abstract record TextDelta : AgentEvent
{
    /// <summary>As it is read, without markup.</summary>
    public required string Text { get; init; }

    /// <summary>
    /// As the model wrote it since the delta before, markup among it; null where that is <see cref="Text"/>, empty where the
    /// server told only the text. The deltas of one call make up the beginning of its reply: an agent that was cut off goes on behind it.
    /// </summary>
    public string? Raw { get; init; }

    /// <summary>The agent's generated tokens so far.</summary>
    public int Tokens { get; init; }
}

/// <summary>More reasoning text.</summary>
public sealed record ReasoningDelta : TextDelta;

/// <summary>More answer text.</summary>
public sealed record AnswerDelta : TextDelta;

/// <summary>Where in the stream a piece of text was: the agent's reasoning or its answer.</summary>
public enum TextChannel { Reasoning, Answer }

/// <summary>
/// The agent named a place. The words naming it are <c>[TextStart, TextStart + TextLength)</c> of the channel's
/// accumulated text, in UTF-16 units; location markup itself is not part of that text.
/// </summary>
public sealed record RegionFound : AgentEvent
{
    public required Region Region { get; init; }
    /// <summary>The region's number within this agent, from 1 (reading order).</summary>
    public required int Ordinal { get; init; }
    public required TextChannel Channel { get; init; }
    public required int TextStart { get; init; }
    public required int TextLength { get; init; }

    /// <summary>What the model wrote since the event of its text before, <see cref="TextDelta.Raw"/>; null for nothing.</summary>
    public string? Raw { get; init; }
}

public sealed record ToolCalled : AgentEvent
{
    public required string CallId { get; init; }
    public required string Tool { get; init; }
    /// <summary>The arguments as the model wrote them: JSON where well-formed.</summary>
    public required string Arguments { get; init; }
}

public sealed record ToolReturned : AgentEvent
{
    public required string CallId { get; init; }
    public required string Result { get; init; }
    public bool IsError { get; init; }
    /// <summary>A picture the tool made and the agent is shown; null for none.</summary>
    public ImageRef? Image { get; init; }
}

/// <summary>How an agent ended.</summary>
public enum AgentOutcome { Answered, LengthLimit, Stopped, Failed }

/// <summary>Token counts of one agent over all its turns.</summary>
/// <param name="PromptTokens">Tokens of the prompt, image tokens included.</param>
/// <param name="CachedTokens">Prompt tokens that came from a shared prefix and were not computed for this agent.</param>
/// <param name="GeneratedTokens">Tokens generated.</param>
public sealed record TokenUsage(int PromptTokens, int CachedTokens, int GeneratedTokens);

/// <summary>An agent's times in milliseconds, as its engine measured them where it does, else as seen by the client.</summary>
/// <param name="QueueMs">Waiting before the first prompt token was computed.</param>
/// <param name="PrefillMs">From there to the end of the prompt.</param>
/// <param name="TimeToFirstTokenMs">From the request to the first token.</param>
/// <param name="TokensPerSecond">Generated tokens per second after the first; 0 where fewer than two.</param>
/// <param name="TotalMs">From the request to the last token.</param>
public sealed record AgentTimings(double QueueMs, double PrefillMs, double TimeToFirstTokenMs, double TokensPerSecond, double TotalMs);

/// <summary>How sure a model was of the tokens it generated, in nats, higher being surer (DeepConf).</summary>
/// <param name="Tokens">Tokens measured.</param>
/// <param name="Window">Tokens of a group.</param>
/// <param name="Mean">Over all tokens.</param>
/// <param name="Tail">Over the last ones.</param>
/// <param name="LowestGroup">The least of any group.</param>
/// <param name="Bottom10">The mean of the least tenth of the groups.</param>
public sealed record AgentConfidence(int Tokens, int Window, double Mean, double Tail, double LowestGroup, double Bottom10);

/// <summary>Why a strategy had no more use for an agent.</summary>
public enum EarlyStopReason
{
    /// <summary>The vote was decided without it.</summary>
    Decided,
    /// <summary>It was less sure of its tokens than the warm-up agents allow.</summary>
    LowConfidence,
}

/// <summary>The strategy stopped a running agent; its <see cref="AgentFinished"/> follows.</summary>
public sealed record AgentStoppedEarly : AgentEvent
{
    public required EarlyStopReason Reason { get; init; }
    /// <summary>Mean length of the agents that ended by themselves, less what this one had generated: an estimate, nobody knows how long it would have gone on.</summary>
    public required int EstimatedTokensSaved { get; init; }
}

public sealed record AgentFinished : AgentEvent
{
    public required AgentOutcome Outcome { get; init; }
    /// <summary>The answer's text without location markup; empty where there is none.</summary>
    public required string Answer { get; init; }
    /// <summary>The answer as it is counted in votes; empty where it does not vote.</summary>
    public required string NormalisedAnswer { get; init; }
    public required TokenUsage Usage { get; init; }
    public required AgentTimings Timings { get; init; }
    /// <summary>Null where it was not asked for or its server doesn't say.</summary>
    public AgentConfidence? Confidence { get; init; }
    /// <summary>
    /// What went wrong, in words for the reader: why it failed, or with <see cref="AgentOutcome.LengthLimit"/> that the
    /// model's context was full before its budget was spent. Null otherwise.
    /// </summary>
    public string? Error { get; init; }
}

/// <summary>How a run ended.</summary>
public enum RunOutcome { Completed, Stopped, Failed, Interrupted }

public sealed record RunFinished : RunEvent
{
    public required RunOutcome Outcome { get; init; }
    public required double WallClockMs { get; init; }
    /// <summary>Generated tokens of all agents.</summary>
    public required int TotalTokens { get; init; }
    /// <summary>Generated tokens on the longest chain of dependent calls: what latency cannot go below.</summary>
    public required int CriticalPathTokens { get; init; }
    /// <summary>Why it failed, in words for the reader. A run fails where every agent did, or where its strategy broke.</summary>
    public string? Error { get; init; }
}

/// <summary>
/// An interrupted run goes on, after its <see cref="RunFinished"/>: a new segment. Agents that had finished keep their
/// results; others go on behind what they had said, or begin again from their seed and prompt.
/// </summary>
public sealed record RunResumed : RunEvent
{
    /// <summary>Indices of the agents that had begun or were to begin, had not finished, and begin again.</summary>
    public required ImmutableArray<int> Agents { get; init; }

    /// <summary>Indices of those that go on where they were. One that can't, as its server is another now, begins again by an <see cref="AgentStarted"/>.</summary>
    public ImmutableArray<int> Continued { get; init; } = [];
}

/// <summary>
/// What the engine did since the sample before, and where it stood at the end of that time; work of other runs on it counts
/// as well. Where a run's agents are on several engines, those that tell of themselves are added up. Samples are 200 ms apart at first and get sparser the longer a run takes (a two-hundredth of the time so far), so
/// that an hour's run has about 1,100.
/// </summary>
public sealed record EngineSampled : RunEvent
{
    /// <summary>Length of that time in milliseconds.</summary>
    public required double IntervalMs { get; init; }
    /// <summary>Mean and most generating sequences per decode step.</summary>
    public required double MeanRows { get; init; }
    public required int MaxRows { get; init; }
    /// <summary>Most sequences the engine can decode at once.</summary>
    public required int RowCapacity { get; init; }
    public required int Running { get; init; }
    public required int Waiting { get; init; }
    /// <summary>Tokens generated, and prompt tokens computed.</summary>
    public required int Generated { get; init; }
    public required int Prefilled { get; init; }
    public required KvCells Kv { get; init; }
}
