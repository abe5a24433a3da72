using MuseWorkbench.Agents.Tests.Kit;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tests.Strategies;

public class DistilRefineTests
{
    [Fact]
    public async Task Run_TwoRounds_LaterDraftsSeeTheNotesOnly()
    {
        // 0, 1 draft; 2 distils; 3, 4 draft; 5 distils; 6 writes the last draft.
        await using var run = await StrategyBench.RunAsync("parallel-distil-refine", 2, index => index switch
        {
            < 2 => $"draft {index}", 2 => "notes one", < 5 => $"better {index}", 5 => "notes two", _ => "the end",
        });

        Assert.Equal(
            [(1, AgentRole.Member), (2, AgentRole.Distiller), (3, AgentRole.Member), (4, AgentRole.Distiller), (5, AgentRole.Synthesiser)],
            run.Stages.Distinct());
        Assert.Contains("draft 0", run.Prompt(2), StringComparison.Ordinal);
        Assert.Contains("notes one", run.Prompt(3), StringComparison.Ordinal);
        Assert.DoesNotContain("draft 0", run.Prompt(3), StringComparison.Ordinal);
        Assert.Contains("notes two", run.Prompt(6), StringComparison.Ordinal);
        Assert.Equal((FinalOutcome.Synthesised, "the end"), (run.Final.Outcome, run.Final.Answer));
    }

    [Fact]
    public async Task Run_NotesTooLong_WorkspaceIsBounded()
    {
        await using var run = await StrategyBench.RunAsync(
            "parallel-distil-refine", 2, index => index == 2 ? new string('n', 9000) : "3", new() { Rounds = 1, ContextTokens = 64 });

        Assert.InRange(run.Prompt(3).Length, 200, 1000);
    }

    [Fact]
    public async Task Run_DistillerSaysNothing_DraftsVote()
    {
        await using var run = await StrategyBench.RunAsync("parallel-distil-refine", 2, index => index < 2 ? "3" : "");

        Assert.Equal((FinalOutcome.Unanimous, "3", VerdictRelation.None), (run.Final.Outcome, run.Final.Answer, run.Final.Verdict!.Relation));
    }
}
