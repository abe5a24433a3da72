namespace MuseWorkbench.Engine.Scheduling;

/// <summary>One request's tokens and how far they are computed, as the scheduler sees it. Owned by the engine thread once added.</summary>
/// <param name="maxLength">Elements it will have at most; what admission keeps room for is never more.</param>
/// <param name="run">Whose it is: runs are served alike, however many sequences they have.</param>
/// <param name="priority">Lower goes first.</param>
internal sealed class Sequence(Elements elements, int maxLength, string run = "", int priority = 0)
{
    public Elements Elements { get; } = elements;

    /// <summary>Elements that came with the request; the rest were generated.</summary>
    public int PromptLength { get; } = elements.Count;

    public int MaxLength { get; } = maxLength;

    public string Run { get; } = run;

    public int Priority { get; } = priority;

    /// <summary>Whether what is generated stays for reuse as the prompt does: someone is likely to go on with it.</summary>
    public bool KeepsAnswer { get; set; }

    /// <summary>Its run's account, from when it is added until it is removed.</summary>
    public RunShare? Share { get; set; }

    /// <summary>Order of arrival, given by the scheduler.</summary>
    public long Arrival { get; set; }

    /// <summary>Its share of the cache while it runs; null while it waits.</summary>
    public KvEntry? Cached { get; set; }

    /// <summary>Rows of prompt found in the cache when it was first admitted.</summary>
    public int? PromptFound { get; set; }

    /// <summary>Those of them that came from host memory.</summary>
    public int PromptRestored { get; set; }

    /// <summary>A running sequence that is computing what this one needs, and the row it waits for.</summary>
    public (KvEntry Leader, int Row)? Follows { get; set; }

    /// <summary>What it waited for last, and the rows it was spared that way; null where it did not wait.</summary>
    public (KvEntry Leader, int Row)? Followed { get; set; }

    /// <summary>Times it lost its place in the cache.</summary>
    public int Preemptions { get; set; }

    public int Length => Elements.Count;

    public int Computed => Cached?.Length ?? 0;

    public int Pending => Length - Computed;

    public int Generated => Length - PromptLength;
}
