using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Engine;

/// <summary>Where the local engine node stands.</summary>
public enum NodePhase
{
    Starting, Loading, Ready, Restarting, Failed, Stopped,

    /// <summary>Nobody needs it; it is started for the next one who does.</summary>
    Asleep,
}

/// <summary>The node's state at one moment; immutable.</summary>
/// <param name="Phase">Where it stands.</param>
/// <param name="Reason">Why, where it failed or restarts; a sentence for the user.</param>
/// <param name="LoadProgress">0 to 1 while loading; null where unknown.</param>
/// <param name="Model">What it serves, once ready.</param>
/// <param name="Restarts">Times it was restarted since Web started.</param>
/// <param name="NextAttempt">When the next start is tried, while waiting to restart.</param>
public sealed record NodeStatus(
    NodePhase Phase, string? Reason = null, double? LoadProgress = null, ModelInfo? Model = null, int Restarts = 0, DateTimeOffset? NextAttempt = null);

/// <summary>A line the node wrote.</summary>
public sealed record NodeLogLine(DateTimeOffset At, LogLevel Level, string Text);

/// <summary>What the pages know of the local engine node. Thread-safe; history is bounded and outlives circuits.</summary>
public interface INodeMonitor
{
    NodeStatus Status { get; }

    /// <summary>Raised on any thread when <see cref="Status"/> changed.</summary>
    event Action? StatusChanged;

    /// <summary>The latest snapshot; null before the first.</summary>
    EngineSnapshot? Latest { get; }

    /// <summary>Raised on any thread when a snapshot arrived (about five a second).</summary>
    event Action? SnapshotArrived;

    /// <summary>Snapshots of the last <paramref name="window"/> (60 minutes are kept), oldest first, thinned to at most <paramref name="maxPoints"/> by merging neighbours.</summary>
    IReadOnlyList<EngineSnapshot> History(TimeSpan window, int maxPoints);

    /// <summary>The engine's sequences and pinned prompts as they are now; none where it is not ready.</summary>
    /// <exception cref="HttpRequestException">The node does not answer.</exception>
    Task<IReadOnlyList<EngineSequence>> GetSequencesAsync(CancellationToken cancellationToken);

    /// <summary>The last lines the node wrote (2,000 are kept), oldest first.</summary>
    IReadOnlyList<NodeLogLine> Log { get; }

    /// <summary>Starts the node again now; runs on it end with an error.</summary>
    Task RestartAsync();
}
