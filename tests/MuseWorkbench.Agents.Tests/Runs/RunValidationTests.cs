using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Agents.Tests.Kit;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tests.Runs;

public class RunValidationTests
{
    public static TheoryData<string, Func<RunRequest, RunRequest>> Refused => new()
    {
        { "Type a question or add an image first.", r => r with { Prompt = "  " } },
        { "The question is 32,001 characters long; at most 32,000 are allowed.", r => r with { Prompt = new string('x', 32_001) } },
        { "The team has no agents.", r => r with { Team = r.Team with { Agents = [] } } },
        { "The team has no agents.", r => r with { Team = r.Team with { Agents = default } } },
        { "The team has 33 agents; at most 32 are allowed.", r => r with { Team = RunBench.Request(33).Team } },
        { "Agent 1: the temperature must lie between 0 and 2.", r => Sampling(r, s => s with { Temperature = 2.01 }) },
        { "Agent 1: the temperature must lie between 0 and 2.", r => Sampling(r, s => s with { Temperature = double.NaN }) },
        { "Agent 1: top-p must lie between 0 and 1.", r => Sampling(r, s => s with { TopP = -0.1 }) },
        { "Agent 1: the token budget must lie between 1 and 32,768.", r => Agent(r, a => a with { MaxTokens = 0 }) },
        { "Agent 1: the token budget must lie between 1 and 32,768.", r => Agent(r, a => a with { MaxTokens = 32_769 }) },
        { "There is no strategy named \"oracle\". Known: single, self-consistency, adaptive-self-consistency, confidence-voting, best-of-n, synthesis, mixture-of-agents, debate, council, parallel-distil-refine, recursive-self-aggregation.", r => Strategy(r, "oracle", null) },
        { "Debate needs at least 2 agents; the team has 1.", r => Strategy(r, "debate", null) },
        { "Single agent takes one agent; the team has 2.", r => Strategy(r with { Team = RunBench.Request(2).Team }, "single", null) },
        { "Self-consistency takes no option \"rounds\".", r => Strategy(r, "self-consistency", new() { Rounds = 2 }) },
        { "Rounds of revision must lie between 1 and 5.", r => Strategy(r with { Team = RunBench.Request(2).Team }, "debate", new() { Rounds = 6 }) },
        { "Certainty must lie between 0.5 and 1.", r => Strategy(r with { Team = RunBench.Request(2).Team }, "adaptive-self-consistency", new() { Threshold = double.NaN }) },
        { "Judge: the temperature must lie between 0 and 2.", r => r with { Team = r.Team with { Lead = new AgentSpec { Name = "Judge", Sampling = new SamplingSpec { Temperature = 3 } } } } },
        { "Agent 1: there is no tool named \"shell\"; there are calculator, crop, measure, nutrition, count_regions, table_lookup.", r => Agent(r, a => a with { Tools = ["shell"] }) },
        { "Agent 1: an answer in a form and tools exclude each other. Take one of them away.", r => Agent(r, a => a with { Tools = ["crop"], Answer = AnswerForm.Food }) },
        { "Agent 1: the form of the answer is unknown.", r => Agent(r, a => a with { Answer = (AnswerForm)7 }) },
        { "Judge: a lead answers as its strategy wants it, in no form of its own.", r => r with { Team = r.Team with { Lead = new AgentSpec { Name = "Judge", Answer = AnswerForm.Steps } } } },
        { "Agent 1: a tool is listed twice.", r => Agent(r, a => a with { Tools = ["crop", "crop"] }) },
        { "Agent 1: the view needs a box with x0 < x1 and y0 < y1, all of them 0 to 1.", r => Agent(r, a => a with { View = new() { Area = ViewArea.Box, Box = new(0.5, 0, 0.5, 1) } }) },
        { "Agent 1: a view's box is for the area 'box' alone.", r => Agent(r, a => a with { View = new() { Box = new(0, 0, 1, 1) } }) },
        { "A rectangle is drawn on an image that is not there.", r => r with { Crops = [new(0, new(0, 0, 1, 1))] } },
        { "Agent 1 looks at the rectangle drawn on the image: draw one first, or give it another view.", r => Agent(r, a => a with { View = new() { Area = ViewArea.Drawn } }) with { Images = [Unknown] } },
        { "Two rectangles are drawn on one image; one is allowed.", r => r with { Images = [Unknown], Crops = [new(0, new(0, 0, 1, 1)), new(0, new(0, 0, 1, 1))] } },
        { "A rectangle must lie on its image, its left before its right and its top before its bottom.", r => r with { Images = [Unknown], Crops = [new(0, new(0, 0, double.NaN, 1))] } },
        { "The table \"t.csv\" can't be used: line 3 has 1 values where the first line names 2 columns.", r => r with { Tables = [new("t.csv", "a,b\n1,2\n3")] } },
        { "Two tables are named \"t.csv\".", r => r with { Tables = [new("t.csv", "a"), new("t.csv", "a")] } },
        { "9 images are too many; at most 8 are allowed.", r => r with { Images = [.. Enumerable.Repeat(Unknown, 9)] } },
        { "The image \"lost.png\" is not here any more; add it again.", r => r with { Images = [Unknown] } },
    };

    private static ImageRef Unknown => new(new string('0', 64), "image/png", 10, 10, "lost.png");

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Start_CannotBeRun_RejectedWithTheReason(string reason, Func<RunRequest, RunRequest> change)
    {
        await using var bench = new RunBench(ScriptedChatClient.Saying("3"));

        var rejected = await Assert.ThrowsAsync<RunRejectedException>(
            () => bench.Runs.StartAsync(change(RunBench.Request()), TestContext.Current.CancellationToken));

        Assert.Equal(reason, rejected.Message);
        Assert.Empty(bench.Runs.List());
    }

    [Fact]
    public async Task Start_ImageAlone_Runs()
    {
        await using var bench = new RunBench(ScriptedChatClient.Saying("a scene"));

        var events = await bench.RunAsync(RunBench.Request(1, "", bench.AddImage()));

        Assert.Equal("a scene", Assert.Single(events.OfType<FinalAnswer>()).Answer);
    }

    private static RunRequest Strategy(RunRequest request, string strategy, StrategyOptions? options) =>
        request with { Team = request.Team with { Strategy = strategy, Options = options } };

    private static RunRequest Agent(RunRequest request, Func<AgentSpec, AgentSpec> change) =>
        request with { Team = request.Team with { Agents = [change(request.Team.Agents[0])] } };

    private static RunRequest Sampling(RunRequest request, Func<SamplingSpec, SamplingSpec> change) =>
        Agent(request, a => a with { Sampling = change(a.Sampling) });
}
