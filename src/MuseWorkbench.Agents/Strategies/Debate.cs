using System.Collections.Immutable;
using System.Globalization;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Strategies;

/// <summary>
/// Debate (Du et al., 2023, arXiv:2305.14325): every agent sees all answers, knows its own, and may revise it, round after
/// round; then the last round's answers are counted.
/// </summary>
internal sealed class Debate : IStrategy
{
    public const string StrategyName = "debate";

    private static readonly StrategyOption s_rounds = StrategyOptionList.Rounds with
    {
        Label = "Rounds of revision", Hint = "After the first answers; each costs the whole team again.", Default = 1,
    };

    public string Name => StrategyName;

    public StrategyInfo Info => new()
    {
        Title = "Debate",
        Summary = "All see each other's answers and may revise their own, in rounds; then they vote.",
        Cost = "(rounds + 1)·N·L tokens, one round after another; each revision reads all answers.",
        MinAgents = 2,
        Options = [s_rounds, StrategyOptionList.ContextTokens, StrategyOptionList.ShareReasoning, StrategyOptionList.TieBreak],
    };

    public ImmutableArray<PlannedStage> Plan(TeamSpec team)
    {
        var context = (int)StrategyOptionList.ContextTokens.Of(team.Options);
        return [.. Enumerable.Range(1, 1 + (int)s_rounds.Of(team.Options)).Select(stage => PlannedStage.Members(team, stage, stage == 1 ? 0 : context))];
    }

    public async Task<FinalAnswer> RunAsync(AgentTeam team, CancellationToken cancellationToken)
    {
        var results = await team.VoteAsync(team.SpawnAll());
        for (var stage = 2; stage <= 1 + team.GetInt(s_rounds) && results.Count(r => r.Votes) > 1 && !team.IsStopped; stage++)
        {
            // All read the same text in the same order, so that it is prefilled once; only whose is whose differs, at the end.
            ImmutableArray<AgentResult> shown = [.. results.Where(r => r.Votes)];
            var task = team.Follow(CandidateText.Of(team, shown), "", stage, AgentRole.Member, results);
            var revised = await team.VoteAsync(team.SpawnAll(member => task with { Closing = Instruction(shown, member) }));
            // A round that came to nothing leaves the one before.
            if (!revised.Any(r => r.Votes))
                break;
            results = revised;
        }
        return VoteTally.Of(results).DecideFor(team);
    }

    private static string Instruction(ImmutableArray<AgentResult> shown, int member)
    {
        var own = shown.ToList().FindIndex(r => r.Member == member);
        var yours = own < 0 ? "You gave no answer before." : string.Create(CultureInfo.InvariantCulture, $"Answer {own + 1} is yours.");
        return $"{yours} Look at the image again and compare the answers with what you see. Keep your answer where the others are wrong, change it where they convince you, and answer the question anew in the same form.";
    }
}
