using System.Collections.Immutable;
using System.Globalization;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Strategies;

/// <summary>
/// Parallel, distil, refine (PDR; Meta, 2025, arXiv:2510.01123): in each round all draft in parallel, the lead condenses
/// the drafts into a workspace of bounded length, and the next round sees question and workspace only. The lead writes
/// the last draft.
/// </summary>
internal sealed class DistilRefine : IStrategy
{
    public const string StrategyName = "parallel-distil-refine";

    private const string DistilInstruction = """
        Condense the drafts above into notes for someone who will solve the question without seeing them: what they agree on, where they differ and what speaks for each side, mistakes to avoid, and what to check in the image. Keep what a minority saw if the image supports it. Be brief.
        """;

    private const string DraftInstruction = "The notes come from earlier attempts and may be wrong. Check them against the image and give your own answer to the question, in the form it asks for.";

    public string Name => StrategyName;

    public StrategyInfo Info => new()
    {
        Title = "Parallel, distil, refine",
        Summary = "Drafts in parallel, condensed into notes that the next round starts from.",
        Cost = "rounds·(N·L + notes) tokens and a last draft; each round waits for the notes before it.",
        MinAgents = 2, Lead = AgentRole.Distiller,
        Options = [StrategyOptionList.Rounds, StrategyOptionList.ContextTokens, StrategyOptionList.ShareReasoning],
    };

    public ImmutableArray<PlannedStage> Plan(TeamSpec team)
    {
        var rounds = (int)StrategyOptionList.Rounds.Of(team.Options);
        var context = (int)StrategyOptionList.ContextTokens.Of(team.Options);
        return
        [
            .. Enumerable.Range(0, rounds).SelectMany(round => new[]
            {
                PlannedStage.Members(team, (2 * round) + 1, round == 0 ? 0 : context),
                PlannedStage.Lead(team, (2 * round) + 2, AgentRole.Distiller, context),
            }),
            PlannedStage.Lead(team, (2 * rounds) + 1, AgentRole.Synthesiser, context),
        ];
    }

    public async Task<FinalAnswer> RunAsync(AgentTeam team, CancellationToken cancellationToken)
    {
        var rounds = team.GetInt(StrategyOptionList.Rounds);
        var task = team.Question;
        var before = new VoteTally();
        for (var round = 0; ; round++)
        {
            var stage = (2 * round) + 1;
            var drafts = await team.VoteAsync(team.SpawnAll(task with { Stage = stage }));
            var tally = VoteTally.Of(drafts);
            var shown = drafts.Shuffled(team, use: stage);
            // A round that came to nothing leaves the one before.
            if (shown.Length == 0)
                return before.Decide();
            if (team.IsStopped)
                return tally.Decide();
            before = tally;
            var notes = await team.AskLeadAsync(team.Follow(CandidateText.Of(team, shown), DistilInstruction, stage + 1, AgentRole.Distiller, drafts));
            if (notes.Outcome is not (AgentOutcome.Answered or AgentOutcome.LengthLimit) || notes.Answer.Length == 0)
                return tally.Decide() with { Verdict = new Verdict(notes.Index, VerdictRelation.None) { Reason = notes.Error } };
            var workspace = CandidateText.Piece("NOTES", notes.Answer, team.GetInt(StrategyOptionList.ContextTokens));
            task = team.Follow(workspace, DraftInstruction, stage + 2, AgentRole.Member, [notes]);
            if (team.IsStopped)
                return tally.Decide();
            if (round + 1 < rounds)
                continue;
            var last = await team.AskLeadAsync(task with { Role = AgentRole.Synthesiser });
            return tally.Conclude(last, inForm: false);
        }
    }
}
