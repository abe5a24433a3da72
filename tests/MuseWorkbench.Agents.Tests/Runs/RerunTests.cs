using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Agents.Tests.Kit;
using MuseWorkbench.Core;
using static MuseWorkbench.Agents.Tests.Kit.ScriptedChatClient;

namespace MuseWorkbench.Agents.Tests.Runs;

public class RerunTests
{
    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rerun_Member_SameQuestionAnotherSeedAndItsOriginIsRecorded()
    {
        var model = Saying("3");
        await using var bench = new RunBench(model);
        var request = RunBench.Request(2, "How many?", bench.AddImage());
        request = request with { Team = request.Team with { Agents = [request.Team.Agents[0], request.Team.Agents[1] with { Role = "Count twice." }] } };
        var events = await bench.RunAsync(request);

        var again = await bench.Runs.RerunAgentAsync(events[0].RunId, 1, Test);
        var started = (RunStarted)(await bench.ReadAllAsync(again))[0];

        Assert.Equal(new RunOrigin(events[0].RunId, 1), started.Request.RerunOf);
        Assert.Equal(("How many?", "Count twice.", SingleAgent.StrategyName), (started.Request.Prompt, Assert.Single(started.Request.Team.Agents).Role, started.Request.Team.Strategy));
        Assert.Equal(started.Request.Images, request.Images);
        Assert.Equal("How many?\n\nCount twice.", model.Calls[^1].LastText);
        Assert.DoesNotContain(model.Calls.Take(2), c => c.Seed == model.Calls[^1].Seed);
    }

    [Fact]
    public async Task Rerun_Judge_AskedTheVeryWordsItWasAsked()
    {
        var model = new ScriptedChatClient(call => Tokens(call.LastText.Contains("judge", StringComparison.Ordinal) ? "BEST: 1" : "3"));
        await using var bench = new RunBench(model);
        var request = RunBench.Request(2, "How many?", bench.AddImage());
        var events = await bench.RunAsync(request with { Team = request.Team with { Strategy = BestOfN.StrategyName } });
        var asked = model.Calls[^1].LastText;

        await bench.ReadAllAsync(await bench.Runs.RerunAgentAsync(events[0].RunId, 2, Test));

        Assert.Equal(asked, model.Calls[^1].LastText);
    }

    [Fact]
    public async Task Rerun_Unknown_Refused()
    {
        await using var bench = new RunBench(Saying("3"));
        var events = await bench.RunAsync(RunBench.Request());

        await Assert.ThrowsAsync<RunRejectedException>(() => bench.Runs.RerunAgentAsync(events[0].RunId, 4, Test));
        await Assert.ThrowsAsync<RunRejectedException>(() => bench.Runs.RerunAgentAsync(Guid.NewGuid(), 0, Test));
    }
}
