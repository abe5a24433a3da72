using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Strategies;

/// <summary>
/// All answer on their own; a synthesiser sees the image again, all answers in shuffled order and the vote, and writes
/// the answer. It must say whether it agrees with the vote or overrides it, and why.
/// </summary>
internal sealed class Synthesis : IStrategy
{
    public const string StrategyName = "synthesis";

    /// <summary>What whoever merges answers is told; MoA and the council end the same way.</summary>
    public const string Instruction = """
        You write the final answer. Look at the image and the question yourself first. Say briefly where the answers above agree and differ and which of them fits what you see; a majority can be wrong, and all of them can be. Do not merely copy. Answer in the same short form as the answers above.
        End with exactly these three lines:
        VERDICT: agree (with the answer given most often) or override
        REASON: why, in one sentence
        ANSWER: the final answer alone
        """;

    public string Name => StrategyName;

    public StrategyInfo Info => new()
    {
        Title = "Synthesis",
        Summary = "All answer on their own; one agent reads every answer and the vote, looks again, and agrees or overrides.",
        Cost = "N·L tokens and one more call that reads all answers.",
        MinAgents = 2, Lead = AgentRole.Synthesiser,
        Options = [StrategyOptionList.ContextTokens, StrategyOptionList.ShareReasoning],
    };

    public ImmutableArray<PlannedStage> Plan(TeamSpec team) =>
        [PlannedStage.Members(team), PlannedStage.Lead(team, 2, AgentRole.Synthesiser, (int)StrategyOptionList.ContextTokens.Of(team.Options))];

    public async Task<FinalAnswer> RunAsync(AgentTeam team, CancellationToken cancellationToken) =>
        await ConcludeAsync(team, await team.VoteAsync(team.SpawnAll()), stage: 2);

    /// <summary>Lets the lead merge the results of a stage.</summary>
    public static async Task<FinalAnswer> ConcludeAsync(AgentTeam team, ImmutableArray<AgentResult> results, int stage)
    {
        var tally = VoteTally.Of(results);
        var shown = results.Shuffled(team, use: stage);
        if (shown.Length == 0 || team.IsStopped)
            return tally.Decide();
        var context = $"{CandidateText.Of(team, shown)}\n\n{CandidateText.Histogram(tally.Options)}";
        var lead = await team.AskLeadAsync(team.Follow(context, Instruction, stage, AgentRole.Synthesiser, results));
        return tally.Conclude(lead);
    }
}
