namespace MuseWorkbench.Core;

/// <summary>
/// What a strategy can be told beside its team. Null leaves an option at the strategy's own default; which options a
/// strategy takes, their ranges and defaults are in its description. An option it doesn't take is refused.
/// </summary>
public sealed record StrategyOptions
{
    /// <summary>When an adaptive vote ends.</summary>
    public StopRule? StopRule { get; init; }

    /// <summary>How sure an early end must be, 0.5 to 1; 1 never ends early.</summary>
    public double? Threshold { get; init; }

    /// <summary>Agents started together, 1 to 32.</summary>
    public int? Window { get; init; }

    /// <summary>Which part of its trace says how sure an agent was.</summary>
    public ConfidenceMeasure? Measure { get; init; }

    /// <summary>Tokens of one confidence group, 8 to 2,048.</summary>
    public int? GroupTokens { get; init; }

    /// <summary>Share of the surest traces that vote, 0.1 to 1.</summary>
    public double? KeepShare { get; init; }

    /// <summary>Agents that run to their end before weak ones may be stopped, 0 (never stop any) to 32.</summary>
    public int? WarmUp { get; init; }

    /// <summary>Rounds, layers or steps, 1 to 5.</summary>
    public int? Rounds { get; init; }

    /// <summary>Answers each aggregation reads, 2 to 32.</summary>
    public int? SubsetSize { get; init; }

    /// <summary>Most tokens of other agents' work one later agent is shown, shared evenly between them, 64 to 16,384.</summary>
    public int? ContextTokens { get; init; }

    /// <summary>Whether later agents are shown the reasoning behind an answer or the answer alone.</summary>
    public bool? ShareReasoning { get; init; }

    /// <summary>What becomes of a vote that ends in a tie.</summary>
    public TieBreak? TieBreak { get; init; }
}

/// <summary>What becomes of a vote that ends in a tie.</summary>
public enum TieBreak
{
    /// <summary>Of the tied answers the one counts that the earliest agent of the team gave.</summary>
    FirstAgent,
    /// <summary>It stays a tie: all tied answers are the run's.</summary>
    Open,
}

/// <summary>When an adaptive vote ends.</summary>
public enum StopRule
{
    /// <summary>Once the leader can't be overtaken by the agents left.</summary>
    Decided,
    /// <summary>Once it is likely enough that the leader is the majority among the two most frequent answers.</summary>
    Beta,
    /// <summary>Once all agents of a window gave the same answer.</summary>
    Window,
}

/// <summary>Which part of a trace says how sure an agent was (DeepConf).</summary>
public enum ConfidenceMeasure
{
    /// <summary>The mean over all its tokens.</summary>
    Mean,
    /// <summary>The mean over its last tokens.</summary>
    Tail,
    /// <summary>Its least sure group of tokens.</summary>
    LowestGroup,
    /// <summary>The mean of the least sure tenth of its groups.</summary>
    Bottom10,
}
