using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Strategies;

/// <summary>
/// Mixture of agents (Wang et al., 2024, arXiv:2406.04692): in each layer every agent answers anew with the answers of the
/// layer before as references; the lead merges the last layer's.
/// </summary>
internal sealed class MixtureOfAgents : IStrategy
{
    public const string StrategyName = "mixture-of-agents";

    private const string Instruction = """
        Use the answers above as references: judge critically what each gets right, since some may be wrong or one-sided, look at the image again, and give your own best answer to the question. Answer the question as if asked for the first time, in the same form.
        """;

    private static readonly StrategyOption s_layers = StrategyOptionList.Rounds with
    {
        Label = "Layers", Hint = "Each layer is the whole team once; the lead merges the last.",
    };

    public string Name => StrategyName;

    public StrategyInfo Info => new()
    {
        Title = "Mixture of agents",
        Summary = "Layers of agents, each improving on the layer before; one agent merges the last.",
        Cost = "layers·N·L tokens and one more call; layers + 1 answers one after another.",
        MinAgents = 2, Lead = AgentRole.Synthesiser,
        Options = [s_layers, StrategyOptionList.ContextTokens, StrategyOptionList.ShareReasoning],
    };

    public ImmutableArray<PlannedStage> Plan(TeamSpec team)
    {
        var layers = (int)s_layers.Of(team.Options);
        var context = (int)StrategyOptionList.ContextTokens.Of(team.Options);
        return
        [
            .. Enumerable.Range(1, layers).Select(layer => PlannedStage.Members(team, layer, layer == 1 ? 0 : context)),
            PlannedStage.Lead(team, layers + 1, AgentRole.Synthesiser, context),
        ];
    }

    public async Task<FinalAnswer> RunAsync(AgentTeam team, CancellationToken cancellationToken)
    {
        var layers = team.GetInt(s_layers);
        var results = await team.VoteAsync(team.SpawnAll());
        for (var layer = 2; layer <= layers && results.Any(r => r.Votes) && !team.IsStopped; layer++)
        {
            var references = CandidateText.Of(team, results.Shuffled(team, use: layer));
            var improved = await team.VoteAsync(team.SpawnAll(team.Follow(references, Instruction, layer, AgentRole.Member, results)));
            // A layer that came to nothing leaves the one before.
            if (!improved.Any(r => r.Votes))
                break;
            results = improved;
        }
        return await Synthesis.ConcludeAsync(team, results, layers + 1);
    }
}
