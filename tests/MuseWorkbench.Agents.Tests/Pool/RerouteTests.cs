using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Agents.Pool;
using MuseWorkbench.Agents.Tests.Kit;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tests.Pool;

/// <summary>A server fails an agent in the middle of its work, and another one takes over.</summary>
public class RerouteTests
{
    [Fact]
    public async Task Fails_WhileThinking_GoesOnElsewhereFromWhatItSaid()
    {
        var (first, second) = (new ScriptedMember("a", Breaking("<think>I see an ")), new ScriptedMember("b", Answering("egg</think>1 egg")));
        await using var bench = Bench(first, second);

        var events = await bench.RunAsync(RunBench.Request());

        var moved = Assert.Single(events.OfType<AgentRerouted>());
        Assert.Equal(("a", "b", true, "It went away."), (moved.From, moved.To, moved.Continued, moved.Reason));
        Assert.Equal(("I see an egg", "1 egg"), (Text<ReasoningDelta>(events, d => d.Text), Text<AnswerDelta>(events, d => d.Text)));
        Assert.Single(events.OfType<AgentStarted>());
        Assert.Equal([(1, false), (2, true)], events.OfType<CallSent>().Select(c => (c.Call, c.Continues)));
        Assert.Equal([(1, "<think>I see an "), (2, "egg</think>1 egg")], events.OfType<CallEnded>().Select(c => (c.Call, c.Output)));
        var call = Assert.Single(((ScriptedChatClient)second.Client).Calls);
        Assert.Equal((ChatRole.Assistant, "<think>I see an "), (call.Messages[^1].Role, call.Messages[^1].Text));
        Assert.Equal("1 egg", Assert.Single(events.OfType<FinalAnswer>()).Answer);
    }

    [Fact]
    public async Task Fails_BeforeAWord_IsAskedElsewhereAsItWas()
    {
        var second = new ScriptedMember("b", Answering("1 egg"));
        second.Status = second.Status with { CanContinue = false };
        await using var bench = Bench(new ScriptedMember("a", Breaking("")), second);

        var events = await bench.RunAsync(RunBench.Request());

        Assert.True(Assert.Single(events.OfType<AgentRerouted>()).Continued);
        Assert.Equal("1 egg", Assert.Single(events.OfType<FinalAnswer>()).Answer);
        Assert.Equal(ChatRole.User, Assert.Single(((ScriptedChatClient)second.Client).Calls).Messages[^1].Role);
    }

    [Fact]
    public async Task Fails_OtherCantContinue_BeginsAgainAndSaysSo()
    {
        var second = new ScriptedMember("b", Answering("<think>An egg</think>1 egg"));
        second.Status = second.Status with { CanContinue = false };
        await using var bench = Bench(new ScriptedMember("a", Breaking("<think>I see an ")), second);

        var events = await bench.RunAsync(RunBench.Request());

        var moved = Assert.Single(events.OfType<AgentRerouted>());
        Assert.False(moved.Continued);
        Assert.Equal(4, moved.Tokens);
        var again = events.FindLastIndex(e => e is AgentStarted);
        Assert.Equal(2, events.OfType<AgentStarted>().Count());
        Assert.True(again > events.IndexOf(moved));
        Assert.Equal("An egg", Text<ReasoningDelta>(events[again..], d => d.Text));
        Assert.Equal("1 egg", Assert.Single(events.OfType<AgentFinished>()).Answer);
        // What was lost was generated all the same.
        Assert.Equal(4 + 7, Assert.Single(events.OfType<RunFinished>()).TotalTokens);
    }

    [Fact]
    public async Task Fails_OtherModel_BeginsAgainWithIt()
    {
        await using var bench = Bench(new ScriptedMember("a", Breaking("I see ")), new ScriptedMember("b", Answering("1 egg"), model: "large"));

        var events = await bench.RunAsync(RunBench.Request());

        Assert.False(Assert.Single(events.OfType<AgentRerouted>()).Continued);
        Assert.Equal(["muse-mini", "large"], events.OfType<AgentStarted>().Select(e => e.Model));
    }

    [Fact]
    public async Task Fails_Everywhere_OneRetryThenTheFailureIsTheAgents()
    {
        var (first, second, third) = (new ScriptedMember("a", Breaking("I ")), new ScriptedMember("b", Breaking("see ")), new ScriptedMember("c", Breaking("an ")));
        await using var bench = Bench(first, second, third);

        var events = await bench.RunAsync(RunBench.Request());

        Assert.Single(events.OfType<AgentRerouted>());
        var finished = Assert.Single(events.OfType<AgentFinished>());
        Assert.Equal((AgentOutcome.Failed, "It went away."), (finished.Outcome, finished.Error));
    }

    [Fact]
    public async Task Fails_NowhereElse_FailsAsItDid()
    {
        await using var bench = Bench(new ScriptedMember("a", Breaking("I ")));

        var events = await bench.RunAsync(RunBench.Request());

        Assert.Empty(events.OfType<AgentRerouted>());
        Assert.Equal("It went away.", Assert.Single(events.OfType<AgentFinished>()).Error);
    }

    [Fact]
    public async Task Fails_NowhereElse_GoesOnWhereItWasOnceThatRunsAgain()
    {
        var again = Answering("egg</think>1 egg");
        await using var bench = Bench(new ScriptedMember("a", Breaking("<think>I see an ")) { Next = new([again]) });

        var events = await bench.RunAsync(RunBench.Request());

        var moved = Assert.Single(events.OfType<AgentRerouted>());
        Assert.Equal(("a", "a", true, 4), (moved.From, moved.To, moved.Continued, moved.Tokens));
        Assert.Equal(("I see an egg", "1 egg"), (Text<ReasoningDelta>(events, d => d.Text), Text<AnswerDelta>(events, d => d.Text)));
        Assert.Equal("<think>I see an ", Assert.Single(again.Calls).Messages[^1].Text);
        Assert.Equal(RunOutcome.Completed, Assert.Single(events.OfType<RunFinished>()).Outcome);
        Assert.Empty(Assert.Single(bench.Pool!.Members).Occupants);
    }

    [Fact]
    public async Task Fails_NowhereElse_WaitsInTheQueueMeanwhile()
    {
        var started = new TaskCompletionSource();
        var member = new ScriptedMember("a", Breaking("<think>I see an ")) { Next = new([Answering("egg</think>1 egg")]) };
        await using var bench = Bench(member);
        member.Ended = () => member.Started = started.Task;
        var id = await bench.Runs.StartAsync(RunBench.Request(), TestContext.Current.CancellationToken);

        var queued = 0;
        var waits = await bench.WaitForAsync(id, e => e is AgentQueued && ++queued == 2);
        started.SetResult();

        Assert.True(waits.Seq < Assert.Single((await bench.ReadAllAsync(id)).OfType<AgentRerouted>()).Seq);
    }

    [Fact]
    public async Task RunsAgain_EndsAgainAfterSomeWords_GoesOnEachTime()
    {
        await using var bench = Bench(new ScriptedMember("a", Breaking("<think>I ")) { Next = new([Breaking("see "), Breaking("an "), Answering("egg</think>1 egg")]) });

        var events = await bench.RunAsync(RunBench.Request());

        Assert.Equal(3, events.OfType<AgentRerouted>().Count());
        Assert.Equal("I see an egg", Text<ReasoningDelta>(events, d => d.Text));
    }

    [Fact]
    public async Task RunsAgain_EndsAgainBeforeAWord_IsNotTriedAThirdTime()
    {
        var third = Answering("egg</think>1 egg");
        await using var bench = Bench(new ScriptedMember("a", Breaking("<think>I see an ")) { Next = new([Breaking(""), third]) });

        var events = await bench.RunAsync(RunBench.Request());

        Assert.Single(events.OfType<AgentRerouted>());
        Assert.Equal((AgentOutcome.Failed, "It went away."), Assert.Single(events.OfType<AgentFinished>()) is var end ? (end.Outcome, end.Error) : default);
        Assert.Empty(third.Calls);
    }

    [Fact]
    public async Task Fails_RunsAgainButIsAtFault_FailsAsItDid()
    {
        await using var bench = Bench(new ScriptedMember("a", Breaking("I ", ChatFailure.Protocol)) { Next = new([Answering("1 egg")]) });

        var events = await bench.RunAsync(RunBench.Request());

        Assert.Empty(events.OfType<AgentRerouted>());
        Assert.Equal(AgentOutcome.Failed, Assert.Single(events.OfType<AgentFinished>()).Outcome);
    }

    [Fact]
    public async Task Sixteen_TheOnlyServerIsStartedAgain_AllAnswerOnce()
    {
        // It ends once all are there; else those that come later would find its next process.
        await using var bench = Bench(new ScriptedMember("a", Breaking("<think>I see an ", together: 16)) { Next = new([Answering("egg</think>1 egg")]) });

        var events = await bench.RunAsync(RunBench.Request(16));

        Assert.Equal(16, events.OfType<AgentRerouted>().Count());
        Assert.Equal(Enumerable.Range(0, 16), events.OfType<AgentFinished>().Where(e => e.Outcome == AgentOutcome.Answered).Select(e => e.Agent).Order());
    }

    [Fact]
    public async Task FailedManyBefore_ButIsStartedAgainHere_IsAsked()
    {
        // Its process ended under three agents, and the pool was not told of the next one yet.
        var member = new ScriptedMember("a", Breaking("")) { IsLocal = true };
        await using var bench = Bench(member);
        await bench.RunAsync(RunBench.Request(3));
        Assert.Equal(BreakerState.Open, Assert.Single(bench.Pool!.Members).Breaker);
        member.Next.Enqueue(Answering("1 egg"));

        var events = await bench.RunAsync(RunBench.Request());

        Assert.Equal("1 egg", Assert.Single(events.OfType<FinalAnswer>()).Answer);
    }

    [Fact]
    public async Task Refused_IsNotSentElsewhere()
    {
        var second = new ScriptedMember("b");
        await using var bench = Bench(new ScriptedMember("a", Breaking("", ChatFailure.Rejected)), second);

        var events = await bench.RunAsync(RunBench.Request());

        Assert.Empty(events.OfType<AgentRerouted>());
        Assert.Equal(AgentOutcome.Failed, Assert.Single(events.OfType<AgentFinished>()).Outcome);
        Assert.Empty(((ScriptedChatClient)second.Client).Calls);
    }

    [Fact]
    public async Task Sixteen_OneServerDies_AllAnswerOnce()
    {
        var (first, second) = (new ScriptedMember("a", Breaking("<think>I see an ")), new ScriptedMember("b", Answering("egg</think>1 egg")));
        await using var bench = Bench(first, second);

        var events = await bench.RunAsync(RunBench.Request(16));

        Assert.Equal(Enumerable.Range(0, 16), events.OfType<AgentFinished>().Select(e => e.Agent).Order());
        Assert.All(events.OfType<AgentFinished>(), e => Assert.Equal(AgentOutcome.Answered, e.Outcome));
        Assert.All(bench.Pool!.Members, m => Assert.Empty(m.Occupants));
        Assert.NotEmpty(events.OfType<AgentRerouted>());
    }

    private static RunBench Bench(params ScriptedMember[] members)
    {
        // In turn: the first one gets the first agent.
        var pool = new AgentPool("round-robin", TimeProvider.System);
        Array.ForEach(members, pool.Add);
        return new RunBench(ScriptedChatClient.Saying("")) { Pool = pool };
    }

    private static ScriptedChatClient Answering(string text) => new(_ => ScriptedChatClient.Tokens(text));

    /// <param name="text">What it says before.</param>
    /// <param name="kind">How it fails.</param>
    /// <param name="together">Calls that must be there before it fails any.</param>
    private static ScriptedChatClient Breaking(string text, ChatFailure kind = ChatFailure.Interrupted, int together = 1)
    {
        var (there, all) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        return new(call =>
        {
            if (Interlocked.Increment(ref there) == together)
                all.SetResult();
            return BreakAsync(text, kind, all.Task, call.Stop);
        });
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> BreakAsync(string text, ChatFailure kind, Task may, [EnumeratorCancellation] CancellationToken stop)
    {
        foreach (var piece in text.Chunk(4))
        {
            await Task.Yield();
            stop.ThrowIfCancellationRequested();
            yield return ScriptedChatClient.Text(new string(piece));
        }

        await may.WaitAsync(stop);
        throw new ChatClientException(kind, "It went away.");
    }

    private static string Text<T>(IEnumerable<RunEvent> events, Func<T, string> text) where T : RunEvent => string.Concat(events.OfType<T>().Select(text));
}
