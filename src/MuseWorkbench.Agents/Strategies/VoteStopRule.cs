using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Strategies;

/// <summary>When a vote needs no more voters, and how many it needs at best.</summary>
internal abstract class VoteStopRule
{
    /// <summary>Whether the vote may end with these results; <paramref name="left"/> agents have not answered yet, <paramref name="running"/> of them are at work.</summary>
    public abstract bool IsOver(VoteTally tally, IReadOnlyList<AgentResult> ended, int running, int left);

    /// <summary>The fewest further votes after which it could be over, if all went to the leader; at most <paramref name="left"/>.</summary>
    public abstract int Needed(VoteTally tally, int left);

    public static VoteStopRule Of(StrategyOptions? options) => (StopRule)(int)StrategyOptionList.StopRule.Of(options) switch
    {
        StopRule.Decided => new DecidedRule(),
        StopRule.Window => new WindowRule((int)StrategyOptionList.Window.Of(options)),
        _ => new BetaRule(StrategyOptionList.Threshold.Of(options)),
    };

    /// <summary>The leader can't be overtaken, nor tied with: the result is that of the full vote.</summary>
    internal sealed class DecidedRule : VoteStopRule
    {
        public override bool IsOver(VoteTally tally, IReadOnlyList<AgentResult> ended, int running, int left) =>
            tally.Lead.First - tally.Lead.Second > left;

        public override int Needed(VoteTally tally, int left) =>
            Math.Clamp(((left - tally.Lead.First + tally.Lead.Second) / 2) + 1, 0, left);
    }

    /// <summary>
    /// The leader is, with at least this probability, the more frequent of the two leading answers: the mass of
    /// Beta(v1 + 1, v2 + 1) above one half (Aggarwal et al., 2023, arXiv:2305.11860).
    /// </summary>
    internal sealed class BetaRule(double threshold) : VoteStopRule
    {
        public override bool IsOver(VoteTally tally, IReadOnlyList<AgentResult> ended, int running, int left) =>
            tally.Lead.First > 0 && Probability(tally.Lead.First, tally.Lead.Second) >= threshold;

        public override int Needed(VoteTally tally, int left)
        {
            var needed = 0;
            while (needed < left && Probability(tally.Lead.First + needed, tally.Lead.Second) < threshold)
                needed++;
            return needed;
        }

        /// <summary>2^−(n+1) · Σ_{j=0..v1} C(n+1, j) with n = v1 + v2.</summary>
        public static double Probability(int first, int second)
        {
            var n = first + second + 1;
            double sum = 0, binomial = 1;
            for (var j = 0; j <= first; j++)
            {
                sum += binomial;
                binomial = binomial * (n - j) / (j + 1);
            }
            return sum / Math.Pow(2, n);
        }
    }

    /// <summary>All agents of a window gave the same answer (ESC; Li et al., 2024, arXiv:2401.10480).</summary>
    internal sealed class WindowRule(int window) : VoteStopRule
    {
        /// <summary>Window where the team doesn't say.</summary>
        public const int DefaultWindow = 4;

        public int Size { get; } = window > 0 ? window : DefaultWindow;

        public override bool IsOver(VoteTally tally, IReadOnlyList<AgentResult> ended, int running, int left) =>
            running == 0 && ended.Count >= Size
            && ended.TakeLast(Size).All(r => r.Votes && r.NormalisedAnswer == ended[^1].NormalisedAnswer);

        public override int Needed(VoteTally tally, int left) => Math.Min(Size, left);
    }
}
