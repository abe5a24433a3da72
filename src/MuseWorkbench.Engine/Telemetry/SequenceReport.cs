using System.Collections.Immutable;
using MuseWorkbench.Core;
using MuseWorkbench.Engine.Scheduling;

namespace MuseWorkbench.Engine.Telemetry;

/// <summary>Every sequence under way and every pinned prompt, as values that may leave the engine thread.</summary>
internal static class SequenceReport
{
    /// <summary>Running ones by arrival, then waiting ones in the order in which they are next, then pinned ones, last used first. On the engine thread.</summary>
    public static ImmutableArray<EngineSequence> Of(IReadOnlyDictionary<Sequence, Generation> generations, Scheduler scheduler, KvCache cache) =>
    [
        .. scheduler.Running.OrderBy(s => s.Arrival).Concat(scheduler.Waiting).Select(s => Describe(generations[s])),
        .. cache.PinnedEntries.Select(Describe),
    ];

    private static EngineSequence Describe(Generation generation)
    {
        var (request, sequence) = (generation.Request, generation.Sequence);
        var cached = sequence.PromptFound ?? 0;
        var (shared, alone) = sequence.Cached?.CountCells() ?? default;
        return new EngineSequence
        {
            Id = request.Id,
            Slot = sequence.Cached?.Id,
            State = StateOf(sequence),
            IsFollowing = sequence.Follows is not null,
            Run = request.Run,
            Agent = request.Agent,
            Priority = request.Priority,
            PromptTokens = sequence.PromptLength,
            CachedTokens = cached,
            ProcessedTokens = Math.Max(0, Math.Min(sequence.Computed, sequence.PromptLength) - cached),
            GeneratedTokens = sequence.Generated,
            RemainingTokens = sequence.MaxLength - sequence.Length,
            SharedCells = shared,
            PrivateCells = alone,
            Images = generation.Images.Count,
            Preemptions = sequence.Preemptions,
            AgeSeconds = Math.Round(generation.Clock.Elapsed / 1000, 3),
        };
    }

    private static EngineSequence Describe(KvEntry entry)
    {
        var (shared, alone) = entry.CountCells();
        return new EngineSequence
        {
            Id = $"prefix-{entry.Id}",
            Slot = entry.Id,
            State = SequenceState.Pinned,
            PromptTokens = entry.Length,
            SharedCells = shared,
            PrivateCells = alone,
            Images = entry.Elements.Images.Where(span => span.Start < entry.Length).Select(span => span.Image).Distinct().Count(),
        };
    }

    private static SequenceState StateOf(Sequence sequence) => sequence switch
    {
        { Cached: null, Preemptions: > 0 } => SequenceState.Preempted,
        { Cached: null } => SequenceState.Queued,
        { Generated: > 0, Pending: 1 } => SequenceState.Decoding,
        _ => SequenceState.Prefilling,
    };
}
