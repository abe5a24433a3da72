using MuseWorkbench.Agents.Tests.Kit;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tests.Strategies;

public class DebateTests
{
    [Fact]
    public async Task Run_OneRevision_LastAnswersAreCounted()
    {
        await using var run = await StrategyBench.RunAsync("debate", 3, index => index < 3 ? $"{index}" : "7");

        Assert.Equal((FinalOutcome.Unanimous, "7"), (run.Final.Outcome, run.Final.Answer));
        Assert.Equal([3, 4, 5], Assert.Single(run.Final.Options).Agents.Order());
        Assert.Equal([1, 1, 1, 2, 2, 2], run.Started.Select(e => e.Stage));
    }

    [Fact]
    public async Task Run_Revision_SharesItsTextAndTellsWhoseIsWhose()
    {
        await using var run = await StrategyBench.RunAsync("debate", 3, index => $"answer {index}");

        const string Marker = "is yours.";
        var shared = run.Prompt(3)[..run.Prompt(3).IndexOf("Answer 1 " + Marker, StringComparison.Ordinal)];
        Assert.StartsWith(shared, run.Prompt(4), StringComparison.Ordinal);
        Assert.Contains("Answer 2 " + Marker, run.Prompt(4), StringComparison.Ordinal);
        Assert.Contains("Answer 3 " + Marker, run.Prompt(5), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_OnlyOneAnswered_NothingToDebate()
    {
        await using var run = await StrategyBench.RunAsync(
            "debate", 3, (index, _) => index == 0 ? ScriptedChatClient.Tokens("3") : throw new InvalidOperationException("gone"), new() { Rounds = 3 });

        Assert.Equal((3, "3"), (run.Started.Count(), run.Final.Answer));
    }

    [Fact]
    public async Task Run_AgentWithoutAnAnswer_IsToldSo()
    {
        await using var run = await StrategyBench.RunAsync(
            "debate", 3, (index, _) => index == 0 ? throw new InvalidOperationException("gone") : ScriptedChatClient.Tokens("3"));

        Assert.Contains("You gave no answer before.", run.Prompt(3), StringComparison.Ordinal);
        Assert.Contains("Answer 1 is yours.", run.Prompt(4), StringComparison.Ordinal);
    }
}
