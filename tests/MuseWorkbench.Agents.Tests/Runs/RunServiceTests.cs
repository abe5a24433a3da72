using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Agents.Tests.Kit;
using MuseWorkbench.Core;
using static MuseWorkbench.Agents.Tests.Kit.ScriptedChatClient;

namespace MuseWorkbench.Agents.Tests.Runs;

public class RunServiceTests
{
    private const string TwoApples = "<think>I see apple<loc0032><loc0672><loc0192><loc0800>; egg<loc0512><loc0064><loc0640><loc0192>. apples: 2.</think>2";

    [Fact]
    public async Task Start_OneAgent_EventsInOrder()
    {
        await using var bench = new RunBench(Saying(TwoApples));

        var events = await bench.RunAsync(RunBench.Request(1, "How many apples?", bench.AddImage()));

        Assert.Equal(
            [
                typeof(RunStarted), typeof(AgentStarted), typeof(CallSent), typeof(AgentQueued), typeof(ReasoningDelta), typeof(RegionFound),
                typeof(ReasoningDelta), typeof(RegionFound), typeof(ReasoningDelta), typeof(AnswerDelta), typeof(CallEnded), typeof(AgentFinished),
                typeof(VoteChanged), typeof(FinalAnswer), typeof(RunFinished),
            ],
            events.Select(e => e.GetType()).Aggregate(new List<Type>(), (types, type) =>
            {
                if (types.Count == 0 || types[^1] != type)
                    types.Add(type);
                return types;
            }));
        Assert.Equal(Enumerable.Range(1, events.Count).Select(n => (long)n), events.Select(e => e.Seq));
        Assert.Equal("I see apple; egg. apples: 2.", string.Concat(events.OfType<ReasoningDelta>().Select(d => d.Text)));
        var finished = Assert.Single(events.OfType<AgentFinished>());
        Assert.Equal((AgentOutcome.Answered, "2", "2"), (finished.Outcome, finished.Answer, finished.NormalisedAnswer));
        Assert.Equal(FinalOutcome.Single, Assert.Single(events.OfType<FinalAnswer>()).Outcome);
        Assert.Equal(RunOutcome.Completed, Assert.IsType<RunFinished>(events[^1]).Outcome);
    }

    [Fact]
    public async Task Start_Regions_MappedToTheOriginalImage()
    {
        // A 400×200 image lies in the middle half of the square the model sees; an edge lies in the middle of its bin.
        await using var bench = new RunBench(Saying("<think>egg<loc0256><loc0000><loc0512><loc0512>; lid<loc0000><loc0000><loc0128><loc0512></think>1"));

        var events = await bench.RunAsync(RunBench.Request(1, "Where?", bench.AddImage(400, 200)));

        Assert.Equal(new Region("egg", 16 / 1024.0, 32 / 1024.0, 528 / 1024.0, 544 / 1024.0), Assert.Single(events.OfType<RegionFound>()).Region);
    }

    [Fact]
    public async Task Start_NoImage_NoRegions()
    {
        await using var bench = new RunBench(Saying(TwoApples));

        Assert.DoesNotContain(await bench.RunAsync(RunBench.Request()), e => e is RegionFound);
    }

    [Fact]
    public async Task Start_SixteenAgents_SeqHasNoGapsAndNothingIsLost()
    {
        await using var bench = new RunBench(Saying(TwoApples));

        var events = await bench.RunAsync(RunBench.Request(16, "How many?", bench.AddImage()));

        Assert.Equal(Enumerable.Range(1, events.Count).Select(n => (long)n), events.Select(e => e.Seq));
        for (var agent = 0; agent < 16; agent++)
        {
            var own = events.OfType<AgentEvent>().Where(e => e.Agent == agent).ToArray();
            Assert.IsType<AgentStarted>(own[0]);
            Assert.IsType<AgentFinished>(own[^1]);
            Assert.Equal("I see apple; egg. apples: 2.", string.Concat(own.OfType<ReasoningDelta>().Select(d => d.Text)));
            Assert.Equal([1, 2], own.OfType<RegionFound>().Select(r => r.Ordinal));
        }
        Assert.Equal(Enumerable.Range(0, 16).Reverse(), events.OfType<VoteChanged>().Select(v => v.Open));
        var final = Assert.Single(events.OfType<FinalAnswer>());
        Assert.Equal((FinalOutcome.Unanimous, "2", 1.0), (final.Outcome, final.Answer, final.Agreement));
        Assert.Equal(Enumerable.Range(0, 16), Assert.Single(final.Options).Agents.Order());
    }

    [Fact]
    public async Task Start_Seeds_BasePlusIndexAndRecorded()
    {
        var model = Saying("3");
        await using var bench = new RunBench(model);

        var events = await bench.RunAsync(RunBench.Request(3));

        Assert.Equal([100u, 101u, 102u], events.OfType<AgentStarted>().OrderBy(e => e.Agent).Select(e => e.Seed));
        Assert.Equal([100L, 101L, 102L], model.Calls.Select(c => c.Seed).Order());
    }

    [Fact]
    public async Task Start_NoSeed_DrawnOnceForTheRunAndRecorded()
    {
        var model = Saying("3");
        await using var bench = new RunBench(model);
        var request = RunBench.Request();
        request = request with { Team = request.Team with { Agents = [.. Enumerable.Repeat(new AgentSpec { Name = "A" }, 3)] } };

        var seeds = (await bench.RunAsync(request)).OfType<AgentStarted>().OrderBy(e => e.Agent).Select(e => e.Seed).ToArray();

        Assert.Equal([seeds[0], seeds[0] + 1, seeds[0] + 2], seeds);
        Assert.Equal(seeds.Select(s => (long)s), model.Calls.Select(c => c.Seed).Order());
    }

    [Fact]
    public async Task Start_RoleAndImages_SharedPartComesFirst()
    {
        var model = Saying("3");
        await using var bench = new RunBench(model);
        var request = RunBench.Request(1, "How many?", bench.AddImage(), bench.AddImage());
        request = request with { Team = request.Team with { Agents = [request.Team.Agents[0] with { Role = "Look twice." }] } };

        await bench.RunAsync(request);

        var message = Assert.Single(Assert.Single(model.Calls).Messages);
        Assert.Equal([typeof(DataContent), typeof(DataContent), typeof(TextContent)], message.Contents.Select(c => c.GetType()));
        Assert.Equal("How many?\n\nLook twice.", message.Text);
    }

    [Fact]
    public async Task Start_AgentsDisagreeEvenly_FirstAgentsAnswerCounts()
    {
        await using var bench = new RunBench(new ScriptedChatClient(call => Tokens(call.Seed % 2 == 0 ? "3" : "four")));

        var events = await bench.RunAsync(RunBench.Request(4));

        var final = Assert.Single(events.OfType<FinalAnswer>());
        Assert.Equal((FinalOutcome.CastingVote, 0.5), (final.Outcome, final.Agreement));
        Assert.Equal(events.OfType<AgentFinished>().Single(e => e.Agent == 0).Answer, final.Answer);
    }

    [Fact]
    public async Task Start_TiesLeftOpen_Tie()
    {
        await using var bench = new RunBench(new ScriptedChatClient(call => Tokens(call.Seed % 2 == 0 ? "3" : "four")));
        var request = RunBench.Request(4);

        var final = Assert.Single((await bench.RunAsync(request with { Team = request.Team with { Options = new() { TieBreak = TieBreak.Open } } })).OfType<FinalAnswer>());

        Assert.Equal((FinalOutcome.Tie, 0.5), (final.Outcome, final.Agreement));
        Assert.Equal(["3", "four"], final.Answer.Split(" | ").Order());
        Assert.Equal(["3", "4"], final.Options.Select(o => o.Normalised).Order());
    }

    [Fact]
    public async Task Start_OneAgentFails_OthersDecide()
    {
        await using var bench = new RunBench(new ScriptedChatClient(call => call.Seed == 101 ? Broken() : Tokens("3")));

        var events = await bench.RunAsync(RunBench.Request(3));

        var failed = Assert.Single(events.OfType<AgentFinished>(), f => f.Agent == 1);
        Assert.Equal((AgentOutcome.Failed, "The engine node stopped while this agent was working.", ""), (failed.Outcome, failed.Error, failed.NormalisedAnswer));
        Assert.Equal("half", Assert.Single(events.OfType<AnswerDelta>(), d => d.Agent == 1).Text);
        Assert.Equal([0, 2], Assert.Single(Assert.Single(events.OfType<FinalAnswer>()).Options).Agents.Order());
        Assert.Equal(RunOutcome.Completed, events.OfType<RunFinished>().Single().Outcome);
    }

    [Fact]
    public async Task Start_UnexpectedFailure_NoDetailsForTheUser()
    {
        await using var bench = new RunBench(new ScriptedChatClient(_ => throw new InvalidOperationException("secret detail")));

        var failed = Assert.Single((await bench.RunAsync(RunBench.Request())).OfType<AgentFinished>());

        Assert.Equal(AgentOutcome.Failed, failed.Outcome);
        Assert.DoesNotContain("secret", failed.Error);
    }

    [Fact]
    public async Task Start_NoServer_AllFailAndNoAnswer()
    {
        await using var bench = new RunBench(Saying("3"))
        {
            ConnectFailure = new ChatClientException(ChatFailure.Unreachable, "No model is loaded."),
        };

        var events = await bench.RunAsync(RunBench.Request(2));

        Assert.Equal(2, events.OfType<AgentStarted>().Count());
        Assert.All(events.OfType<AgentFinished>(), f => Assert.Equal("No model is loaded.", f.Error));
        Assert.Equal(FinalOutcome.NoAnswer, Assert.Single(events.OfType<FinalAnswer>()).Outcome);
        var finished = Assert.IsType<RunFinished>(events[^1]);
        Assert.Equal((RunOutcome.Failed, "No model is loaded."), (finished.Outcome, finished.Error));
    }

    [Fact]
    public async Task Start_AllFailForTwoReasons_BothTold()
    {
        await using var bench = new RunBench(new ScriptedChatClient(call => call.Seed == 101
            ? throw new ChatClientException(ChatFailure.Rejected, "Too long.")
            : Broken()));

        var finished = (await bench.RunAsync(RunBench.Request(3))).OfType<RunFinished>().Single();

        Assert.Equal(RunOutcome.Failed, finished.Outcome);
        Assert.Equal("2 of 3 agents: The engine node stopped while this agent was working. 1 of 3 agents: Too long.", finished.Error);
    }

    [Fact]
    public async Task Start_SomeFailOthersOutOfBudget_CompletedWithoutAnswer()
    {
        await using var bench = new RunBench(new ScriptedChatClient(call =>
            call.Seed == 101 ? Broken() : Tokens("12", finish: ChatFinishReason.Length)));

        var events = await bench.RunAsync(RunBench.Request(2));

        Assert.Equal((RunOutcome.Completed, null), (events.OfType<RunFinished>().Single().Outcome, events.OfType<RunFinished>().Single().Error));
        Assert.Null(events.OfType<AgentFinished>().Single(f => f.Agent == 0).Error);
    }

    [Fact]
    public async Task Start_ContextFull_SaidWithTheNumbers()
    {
        await using var bench = new RunBench(new ScriptedChatClient(_ => Full()));

        var finished = (await bench.RunAsync(RunBench.Request())).OfType<AgentFinished>().Single();

        Assert.Equal((AgentOutcome.LengthLimit, "half"), (finished.Outcome, finished.Answer));
        Assert.Equal("The model's context of 4,096 tokens is full: 4,000 of prompt, 96 generated.", finished.Error);

        static async IAsyncEnumerable<ChatResponseUpdate> Full()
        {
            await Task.Yield();
            yield return Text("half");
            yield return new ChatResponseUpdate { FinishReason = ChatFinishReason.Length };
            yield return Usage(prompt: 4000, cached: 0, generated: 96);
        }
    }

    [Fact]
    public async Task Start_LengthLimit_TextKeptButNoVote()
    {
        await using var bench = new RunBench(new ScriptedChatClient(_ => Tokens("12", finish: ChatFinishReason.Length)));

        var events = await bench.RunAsync(RunBench.Request());

        var finished = Assert.Single(events.OfType<AgentFinished>());
        Assert.Equal((AgentOutcome.LengthLimit, "12", ""), (finished.Outcome, finished.Answer, finished.NormalisedAnswer));
        Assert.Equal(FinalOutcome.NoAnswer, Assert.Single(events.OfType<FinalAnswer>()).Outcome);
    }

    [Fact]
    public async Task StopAgent_OneOfTwo_TextKeptAndOtherDecides()
    {
        await using var bench = new RunBench(new ScriptedChatClient(call => call.Seed == 100 ? Endless(call.Stop) : Tokens("3")));
        var id = await bench.Runs.StartAsync(RunBench.Request(2), TestContext.Current.CancellationToken);
        await bench.WaitForAsync(id, e => e is AnswerDelta { Agent: 0 });

        Assert.True(bench.Runs.StopAgent(id, 0));
        var events = await bench.ReadAllAsync(id);

        var stopped = Assert.Single(events.OfType<AgentFinished>(), f => f.Agent == 0);
        Assert.Equal((AgentOutcome.Stopped, "7", ""), (stopped.Outcome, stopped.Answer, stopped.NormalisedAnswer));
        Assert.Equal("3", Assert.Single(events.OfType<FinalAnswer>()).Answer);
        Assert.Equal(RunOutcome.Completed, events.OfType<RunFinished>().Single().Outcome);
        Assert.False(bench.Runs.StopAgent(id, 0));
        Assert.False(bench.Runs.StopAgent(id, 2));
        Assert.False(bench.Runs.StopAgent(Guid.NewGuid(), 0));
    }

    [Fact]
    public async Task Stop_VotesTiedSoFar_StaysATie()
    {
        await using var bench = new RunBench(new ScriptedChatClient(call => call.Seed == 102 ? Endless(call.Stop) : Tokens(call.Seed == 100 ? "3" : "4")));
        var id = await bench.Runs.StartAsync(RunBench.Request(3), TestContext.Current.CancellationToken);
        await bench.WaitForAsync(id, e => e is VoteChanged { Open: 1 });

        bench.Runs.Stop(id);

        Assert.Equal(FinalOutcome.Tie, Assert.Single((await bench.ReadAllAsync(id)).OfType<FinalAnswer>()).Outcome);
    }

    [Fact]
    public async Task Stop_Running_AgentsStoppedAndRunEnds()
    {
        await using var bench = new RunBench(new ScriptedChatClient(call => Endless(call.Stop)));
        var id = await bench.Runs.StartAsync(RunBench.Request(3), TestContext.Current.CancellationToken);
        for (var agent = 0; agent < 3; agent++)
            await bench.WaitForAsync(id, e => e is AnswerDelta delta && delta.Agent == agent);

        Assert.True(bench.Runs.Stop(id));
        var events = await bench.ReadAllAsync(id);

        Assert.All(events.OfType<AgentFinished>(), f => Assert.Equal((AgentOutcome.Stopped, "7"), (f.Outcome, f.Answer)));
        Assert.Equal(RunOutcome.Stopped, Assert.IsType<RunFinished>(events[^1]).Outcome);
        Assert.False(bench.Runs.Stop(id));
        Assert.False(bench.Runs.Stop(Guid.NewGuid()));
    }

    [Fact]
    public async Task Dispose_Running_RunEndsAsInterrupted()
    {
        var bench = new RunBench(new ScriptedChatClient(call => Endless(call.Stop)));
        var id = await bench.Runs.StartAsync(RunBench.Request(), TestContext.Current.CancellationToken);
        await bench.WaitForAsync(id, e => e is AnswerDelta);

        await bench.DisposeAsync();

        Assert.Equal(RunOutcome.Interrupted, (await bench.ReadAllAsync(id)).OfType<RunFinished>().Single().Outcome);
    }

    [Fact]
    public async Task Start_TwoAgents_WorkAtOnce()
    {
        // Each waits for the other: one after the other they would never end.
        using var arrived = new CountdownEvent(2);
        var both = new TaskCompletionSource();
        await using var bench = new RunBench(new ScriptedChatClient(_ => Meet()));

        Assert.Equal(FinalOutcome.Unanimous, (await bench.RunAsync(RunBench.Request(2))).OfType<FinalAnswer>().Single().Outcome);

        async IAsyncEnumerable<ChatResponseUpdate> Meet()
        {
            if (arrived.Signal())
                both.SetResult();
            await both.Task.WaitAsync(TestContext.Current.CancellationToken);
            await foreach (var update in Tokens("3"))
                yield return update;
        }
    }

    [Fact]
    public async Task List_ManyRuns_NewestFirstBoundedAndRunningOnesKept()
    {
        await using var bench = new RunBench(new ScriptedChatClient(call => call.LastText == "long" ? Endless(call.Stop) : Tokens("3")));
        var running = await bench.Runs.StartAsync(RunBench.Request(1, "long"), TestContext.Current.CancellationToken);
        List<Guid> ids = [];
        for (var i = 0; i < 202; i++)
        {
            ids.Add(await bench.Runs.StartAsync(RunBench.Request(1, $"q{i}"), TestContext.Current.CancellationToken));
            await bench.ReadAllAsync(ids[i]);
        }

        var held = bench.Runs.List();

        Assert.Equal((200, "q201", "3", RunOutcome.Completed), (held.Count, held[0].Prompt, held[0].Answer, held[0].Outcome));
        Assert.Equal((running, null), (held[^1].RunId, held[^1].Outcome));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => bench.ReadAllAsync(ids[0]));
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> Broken()
    {
        await Task.Yield();
        yield return Text("half");
        throw new ChatClientException(ChatFailure.Interrupted, "The engine node stopped while this agent was working.");
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> Endless([EnumeratorCancellation] CancellationToken stop)
    {
        yield return Text("7");
        await Task.Delay(Timeout.Infinite, stop);
    }
}
