namespace MuseWorkbench.Curation.Scoring;

/// <summary>What a scorer says of a run.</summary>
/// <param name="Value">0 (nothing right) to 1; null where it could not be scored: an error is not a failure.</param>
/// <param name="Reason">In words for the reader: what was compared with what.</param>
public sealed record Score(double? Value, string Reason)
{
    /// <summary>The answer is not in a form that can be read: scored 0, never guessed, and counted apart.</summary>
    public bool IsUnreadable { get; init; }

    public static Score Of(double value, string reason) => new(Math.Clamp(value, 0, 1), reason);

    public static Score Of(bool right, string reason) => new(right ? 1 : 0, reason);

    public static Score Unreadable(string reason) => new(0, reason) { IsUnreadable = true };

    public static Score Error(string reason) => new(null, reason);
}

/// <summary>Where an assertion looks.</summary>
public enum ScoreChannel
{
    /// <summary>The run's final answer.</summary>
    Final,
    /// <summary>An agent's answer.</summary>
    Answer,
    /// <summary>An agent's reasoning.</summary>
    Reasoning,
    /// <summary>Places an agent named; without an agent, those of the final answer's author.</summary>
    Regions,
    /// <summary>Tool calls of an agent; without an agent, of all.</summary>
    Tools,
    /// <summary>The run as a whole: time and tokens.</summary>
    Run,
}
