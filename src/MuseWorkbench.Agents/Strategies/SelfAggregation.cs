using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Strategies;

/// <summary>
/// Recursive self-aggregation (RSA, 2025, arXiv:2509.26626): a population of answers; in each step every agent reads a
/// few of them, drawn at random, and writes a better one. The last population votes.
/// </summary>
internal sealed class SelfAggregation : IStrategy
{
    public const string StrategyName = "recursive-self-aggregation";

    private const string Instruction = """
        The answers above may contain mistakes. Look at the image again, take from each what holds, decide where they differ, and if all are flawed solve the question another way. Give one improved answer to the question, in the form it asks for.
        """;

    private static readonly StrategyOption s_steps = StrategyOptionList.Rounds with
    {
        Label = "Steps", Hint = "Each renews the whole population once.",
    };

    public string Name => StrategyName;

    public StrategyInfo Info => new()
    {
        Title = "Recursive self-aggregation",
        Summary = "A population of answers, renewed in steps from random subsets of itself; then a vote.",
        Cost = "(steps + 1)·N·L tokens, one step after another; each call reads a few answers.",
        MinAgents = 2,
        Options = [s_steps, StrategyOptionList.SubsetSize, StrategyOptionList.ContextTokens, StrategyOptionList.ShareReasoning, StrategyOptionList.TieBreak],
    };

    public ImmutableArray<PlannedStage> Plan(TeamSpec team)
    {
        var context = (int)StrategyOptionList.ContextTokens.Of(team.Options);
        return [.. Enumerable.Range(1, 1 + (int)s_steps.Of(team.Options)).Select(stage => PlannedStage.Members(team, stage, stage == 1 ? 0 : context))];
    }

    public async Task<FinalAnswer> RunAsync(AgentTeam team, CancellationToken cancellationToken)
    {
        var results = await team.VoteAsync(team.SpawnAll());
        for (var stage = 2; stage <= 1 + team.GetInt(s_steps) && results.Any(r => r.Votes) && !team.IsStopped; stage++)
        {
            var population = results;
            var random = team.Randomness(use: stage);
            // Drawn before any is started: draws must not depend on which agent comes first.
            var subsets = Enumerable.Range(0, team.Size).Select(_ => Draw(population, team.GetInt(StrategyOptionList.SubsetSize), random)).ToArray();
            var renewed = await team.VoteAsync(team.SpawnAll(member =>
                team.Follow(CandidateText.Of(team, subsets[member]), Instruction, stage, AgentRole.Member, subsets[member])));
            // A step that came to nothing leaves the population before.
            if (!renewed.Any(r => r.Votes))
                break;
            results = renewed;
        }
        return VoteTally.Of(results).DecideFor(team);
    }

    private static ImmutableArray<AgentResult> Draw(ImmutableArray<AgentResult> population, int size, Random random)
    {
        var answers = population.Where(r => r.Votes).ToArray();
        random.Shuffle(answers);
        return [.. answers.Take(size)];
    }
}
