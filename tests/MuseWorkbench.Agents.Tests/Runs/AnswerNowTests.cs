using Microsoft.Extensions.AI;
using MuseWorkbench.Agents.Tests.Kit;
using MuseWorkbench.Core;
using static MuseWorkbench.Agents.Tests.Kit.ScriptedChatClient;

namespace MuseWorkbench.Agents.Tests.Runs;

public class AnswerNowTests
{
    [Fact]
    public async Task AnswerNow_Thinking_ThoughtIsClosedAndTheReplyGoesOnBehindIt()
    {
        var model = Thinker("3 eggs");
        await using var bench = new RunBench(model);
        var id = await bench.Runs.StartAsync(RunBench.Request(), TestContext.Current.CancellationToken);
        await bench.WaitForAsync(id, e => e is ReasoningDelta);

        Assert.True(bench.Runs.AnswerNow(id, 0));
        var events = await bench.ReadAllAsync(id);

        var again = model.Calls[1];
        Assert.Equal([(ChatRole.User, "How many?"), (ChatRole.Assistant, "<think>I see an egg</think>")], again.Messages.Select(m => (m.Role, m.Text)));
        Assert.True(again.Options.AdditionalProperties!.ContainsKey("continue_final_message"));
        Assert.Equal(3, Assert.Single(events.OfType<AgentToldToAnswer>()).Tokens);
        Assert.Equal(("I see an egg", "3 eggs"), (Text<ReasoningDelta>(events, d => d.Text), Text<AnswerDelta>(events, d => d.Text)));
        var finished = Assert.Single(events.OfType<AgentFinished>());
        Assert.Equal((AgentOutcome.Answered, "3 eggs", 3 + 2), (finished.Outcome, finished.Answer, finished.Usage.GeneratedTokens));
        Assert.Equal("3 eggs", Assert.Single(events.OfType<FinalAnswer>()).Answer);
    }

    [Fact]
    public async Task AnswerNow_Thinking_BothCallsAreRecordedAsTheyWere()
    {
        await using var bench = new RunBench(Thinker("3 eggs"));
        var id = await bench.Runs.StartAsync(RunBench.Request(), TestContext.Current.CancellationToken);
        await bench.WaitForAsync(id, e => e is ReasoningDelta);
        bench.Runs.AnswerNow(id);
        var events = await bench.ReadAllAsync(id);

        Assert.Equal([(1, false, "How many?"), (2, true, "<think>I see an egg</think>")], events.OfType<CallSent>().Select(c => (c.Call, c.Continues, Assert.Single(c.Messages).Text)));
        Assert.Equal([(1, "<think>I see an egg"), (2, "3 eggs")], events.OfType<CallEnded>().Select(c => (c.Call, c.Output)));
    }

    [Fact]
    public async Task AnswerNow_All_EveryAgentAnswers()
    {
        await using var bench = new RunBench(Thinker("3 eggs"));
        var id = await bench.Runs.StartAsync(RunBench.Request(4), TestContext.Current.CancellationToken);
        var thinking = new HashSet<int>();
        await bench.WaitForAsync(id, e => e is ReasoningDelta delta && thinking.Add(delta.Agent) && thinking.Count == 4);

        Assert.True(bench.Runs.AnswerNow(id));
        var events = await bench.ReadAllAsync(id);

        Assert.Equal(4, events.OfType<AgentToldToAnswer>().Count());
        Assert.Equal(FinalOutcome.Unanimous, Assert.Single(events.OfType<FinalAnswer>()).Outcome);
    }

    [Fact]
    public async Task AnswerNow_NotThinking_False()
    {
        await using var bench = new RunBench(new ScriptedChatClient(call => Held(call, "<think>I see.</think>3 eggs")));
        var id = await bench.Runs.StartAsync(RunBench.Request(), TestContext.Current.CancellationToken);
        await bench.WaitForAsync(id, e => e is AnswerDelta);

        Assert.False(bench.Runs.AnswerNow(id, 0));
        Assert.False(bench.Runs.AnswerNow(id, 7));
        Assert.False(bench.Runs.AnswerNow(Guid.NewGuid()));
        bench.Runs.Stop(id);
        await bench.ReadAllAsync(id);
        Assert.False(bench.Runs.AnswerNow(id, 0));
    }

    [Fact]
    public async Task AnswerNow_ModelMarksNoThinking_False()
    {
        await using var bench = new RunBench(new ScriptedChatClient(call => Held(call, "I see"))) { ModelId = "plain-model" };
        var id = await bench.Runs.StartAsync(RunBench.Request(), TestContext.Current.CancellationToken);
        await bench.WaitForAsync(id, e => e is AnswerDelta);

        Assert.False(bench.Runs.AnswerNow(id));
        bench.Runs.Stop(id);
        await bench.ReadAllAsync(id);
    }

    [Fact]
    public async Task AnswerNow_ServerSplitsReasoning_TagsArePutBack()
    {
        var model = new ScriptedChatClient(call => call.Messages.Count == 1 ? Split(call) : Tokens("3 eggs"));
        await using var bench = new RunBench(model);
        var id = await bench.Runs.StartAsync(RunBench.Request(), TestContext.Current.CancellationToken);
        await bench.WaitForAsync(id, e => e is ReasoningDelta);

        Assert.True(bench.Runs.AnswerNow(id));
        var events = await bench.ReadAllAsync(id);

        Assert.Equal("<think>I see an egg</think>", model.Calls[1].LastText);
        Assert.Equal("I see an egg", events.OfType<CallEnded>().First().Reasoning);
        Assert.Equal("3 eggs", Assert.Single(events.OfType<AgentFinished>()).Answer);
    }

    private static string Text<T>(IEnumerable<RunEvent> events, Func<T, string> text) => string.Concat(events.OfType<T>().Select(text));

    /// <summary>Thinks a little and then goes on for ever; asked to go on behind a closed thought, it answers.</summary>
    private static ScriptedChatClient Thinker(string answer) =>
        new(call => call.Messages.Count == 1 ? Held(call, "<think>I see an egg", pieces: 3) : Tokens(answer));

    private static async IAsyncEnumerable<ChatResponseUpdate> Held(ScriptedCall call, string text, int pieces = 1)
    {
        var size = (text.Length + pieces - 1) / pieces;
        for (var at = 0; at < text.Length; at += size)
            yield return ScriptedChatClient.Text(text[at..Math.Min(at + size, text.Length)]);
        await Task.Delay(Timeout.Infinite, call.Stop);
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> Split(ScriptedCall call)
    {
        yield return new ChatResponseUpdate(ChatRole.Assistant, [new TextReasoningContent("I see an egg")]);
        await Task.Delay(Timeout.Infinite, call.Stop);
    }
}
