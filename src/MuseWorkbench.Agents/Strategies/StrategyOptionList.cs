using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Strategies;

/// <summary>All options there are; strategies take them with their own words and defaults.</summary>
public static class StrategyOptionList
{
    public static StrategyOption StopRule { get; } = new()
    {
        Name = "stopRule", Label = "Stop when", Hint = "Which certainty ends the vote.",
        Least = 0, Most = 2, Default = (int)Core.StopRule.Beta, Choices = ["the leader can't be overtaken", "the leader is likely enough", "a window is unanimous"],
        Read = o => (int?)o.StopRule, Write = (o, v) => o with { StopRule = (StopRule?)(int?)v },
    };

    public static StrategyOption Threshold { get; } = new()
    {
        Name = "threshold", Label = "Certainty", Hint = "How sure an early end must be; 1 never ends early.",
        Least = 0.5, Most = 1, Step = 0.01, Default = 0.95,
        Read = o => o.Threshold, Write = (o, v) => o with { Threshold = v },
    };

    public static StrategyOption Window { get; } = new()
    {
        Name = "window", Label = "Agents at once", Hint = "Fewer save more tokens and take longer; 0 starts as many as the rule needs at best.",
        Least = 0, Most = TeamSpec.MaxAgents, Default = 0, LeastText = "auto",
        Read = o => o.Window, Write = (o, v) => o with { Window = (int?)v },
    };

    public static StrategyOption Measure { get; } = new()
    {
        Name = "measure", Label = "Confidence", Hint = "Which part of its trace says how sure an agent was.",
        Least = 0, Most = 3, Default = (int)ConfidenceMeasure.Bottom10, Choices = ["mean of all tokens", "mean of the last tokens", "least sure group", "least sure tenth"],
        Read = o => (int?)o.Measure, Write = (o, v) => o with { Measure = (ConfidenceMeasure?)(int?)v },
    };

    public static StrategyOption GroupTokens { get; } = new()
    {
        Name = "groupTokens", Label = "Tokens of a group", Hint = "Confidence is averaged over this many tokens; a shorter answer is one group.",
        Least = 8, Most = 2048, Step = 8, Default = 64,
        Read = o => o.GroupTokens, Write = (o, v) => o with { GroupTokens = (int?)v },
    };

    public static StrategyOption KeepShare { get; } = new()
    {
        Name = "keepShare", Label = "Share that votes", Hint = "The surest traces; the others don't vote.",
        Least = 0.1, Most = 1, Step = 0.05, Default = 0.9,
        Read = o => o.KeepShare, Write = (o, v) => o with { KeepShare = v },
    };

    public static StrategyOption WarmUp { get; } = new()
    {
        Name = "warmUp", Label = "Warm-up agents", Hint = "Run to their end; later agents less sure than they are stopped. 0 stops none.",
        Least = 0, Most = TeamSpec.MaxAgents, Default = 4, LeastText = "none",
        Read = o => o.WarmUp, Write = (o, v) => o with { WarmUp = (int?)v },
    };

    public static StrategyOption Rounds { get; } = new()
    {
        Name = "rounds", Label = "Rounds", Hint = "Each costs the whole team again.",
        Least = 1, Most = 5, Default = 2,
        Read = o => o.Rounds, Write = (o, v) => o with { Rounds = (int?)v },
    };

    public static StrategyOption SubsetSize { get; } = new()
    {
        Name = "subsetSize", Label = "Answers read", Hint = "How many answers, drawn at random, each aggregation reads.",
        Least = 2, Most = TeamSpec.MaxAgents, Default = 3,
        Read = o => o.SubsetSize, Write = (o, v) => o with { SubsetSize = (int?)v },
    };

    public static StrategyOption ContextTokens { get; } = new()
    {
        Name = "contextTokens", Label = "Tokens of others' work", Hint = "Most one later agent is shown of the others', shared evenly between them.",
        Least = 64, Most = 16_384, Step = 64, Default = 2048,
        Read = o => o.ContextTokens, Write = (o, v) => o with { ContextTokens = (int?)v },
    };

    public static StrategyOption ShareReasoning { get; } = new()
    {
        Name = "shareReasoning", Label = "Show reasoning", Hint = "Whether later agents see the reasoning behind an answer or the answer alone.",
        Least = 0, Most = 1, Default = 1, Choices = ["answers alone", "with reasoning"],
        Read = o => o.ShareReasoning is { } share ? share ? 1 : 0 : null, Write = (o, v) => o with { ShareReasoning = v is { } set ? set > 0 : null },
    };

    public static StrategyOption TieBreak { get; } = new()
    {
        Name = "tieBreak", Label = "On a tie", Hint = "Which of the tied answers is the run's.",
        Least = 0, Most = 1, Default = (int)Core.TieBreak.FirstAgent, Choices = ["the earliest agent's answer", "all of them, left open"],
        Read = o => (int?)o.TieBreak, Write = (o, v) => o with { TieBreak = (TieBreak?)(int?)v },
    };

    /// <summary>Every one, in the order they are shown.</summary>
    public static IReadOnlyList<StrategyOption> All { get; } =
        [StopRule, Threshold, Window, Measure, GroupTokens, KeepShare, WarmUp, Rounds, SubsetSize, ContextTokens, ShareReasoning, TieBreak];
}
