using MuseWorkbench.Core;
using MuseWorkbench.Curation.Tradeoffs;

namespace MuseWorkbench.Curation.Tests.Tradeoffs;

/// <summary>What can be swept, and the teams it makes.</summary>
public class SweepPlanTests
{
    [Theory]
    [InlineData(new int[0], new[] { 64 }, new[] { 1 }, 1, "Agents: at least one")]
    [InlineData(new[] { 33 }, new[] { 64 }, new[] { 1 }, 1, "Agents: 33 is not from 1 to 32")]
    [InlineData(new[] { 1 }, new[] { 8 }, new[] { 1 }, 1, "Tokens: 8 is not from 16 to 32,768")]
    [InlineData(new[] { 1 }, new[] { 64 }, new[] { 0, 1 }, 1, "Runs at once: 0 is not from 1 to 32")]
    [InlineData(new[] { 1 }, new[] { 64 }, new[] { 1 }, 0, "no case")]
    [InlineData(new[] { 1 }, new[] { 64 }, new[] { 1 }, 201, "at most 200 cases")]
    [InlineData(new[] { 1, 2, 3, 4, 5 }, new[] { 16, 32, 64, 128 }, new[] { 1, 2, 4, 8 }, 1, "80 settings")]
    public void Fault_OutsideTheLimits_IsSaid(int[] agents, int[] tokens, int[] concurrency, int cases, string said) =>
        Assert.Contains(said, Plan(agents, tokens, concurrency, cases).Fault(_ => null), StringComparison.Ordinal);

    [Fact]
    public void Fault_TeamThatCannotBeSoSmall_IsSaidWithItsSize() =>
        Assert.Equal("With 1 agent: It needs two.", Plan([1, 2], [64], [1], 1).Fault(team => team.Agents.Length < 2 ? "It needs two." : null));

    [Fact]
    public void Settings_InAnyOrderAndTwice_AreEachOnceFromSmallToLarge() =>
        Assert.Equal([new(1, 64, 1), new(1, 64, 2), new(4, 64, 1), new(4, 64, 2)], Plan([4, 1, 4], [64], [2, 1], 1).Settings);

    [Fact]
    public void Of_MoreAgentsThanThereAre_ComeAgainUnderNumbersOfTheirOwn()
    {
        var team = SweepTeam.Of(new TeamSpec { Name = "Two", Agents = [new AgentSpec { Name = "Left", Role = "Start at the left." }, new AgentSpec { Name = "Right" }] }, new SweepSetting(3, 99, 2));

        Assert.Equal("Two · 3 × 99 tokens · 2 at once", team.Name);
        Assert.Equal([("Left", "Start at the left.", 99), ("Right", null, 99), ("Agent 3", "Start at the left.", 99)], team.Agents.Select(agent => (agent.Name, agent.Role, agent.MaxTokens)));
    }

    internal static SweepPlan Plan(int[] agents, int[] tokens, int[] concurrency, int cases) => new()
    {
        DatasetName = "D", Team = new TeamSpec { Name = "T", Agents = [new AgentSpec { Name = "A" }] }, TargetMs = 1000,
        Agents = [.. agents], Tokens = [.. tokens], Concurrencies = [.. concurrency],
        Cases = [.. Enumerable.Range(0, cases).Select(i => new Case { Id = $"c{i}", Prompt = i % 2 == 0 ? "3" : "4", Expected = "3" })],
    };
}
