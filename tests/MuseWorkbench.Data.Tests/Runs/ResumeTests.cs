using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using MuseWorkbench.Core;
using MuseWorkbench.Data.Tests.Kit;

namespace MuseWorkbench.Data.Tests.Runs;

/// <summary>An agent was cut off in the middle of its words, and goes on behind them.</summary>
public sealed class ResumeTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task CutOff_WhileThinking_GoesOnBehindWhatItSaid()
    {
        var first = Hanging("<think>I see ", "an ");
        var id = await CutOffAsync(first, "I see an ");
        var client = ScriptedChatClient.Saying("egg</think>1 egg");

        var events = await ResumeAsync(id, client);

        var resumed = Assert.Single(events.OfType<RunResumed>());
        Assert.Empty(resumed.Agents);
        Assert.Equal([0], resumed.Continued);
        Assert.Single(events.OfType<AgentStarted>());
        Assert.Equal(("I see an egg", "1 egg"), (Text<ReasoningDelta>(events), Text<AnswerDelta>(events)));
        var call = Assert.Single(client.Calls);
        Assert.Equal((ChatRole.Assistant, "<think>I see an "), (call.Messages[^1].Role, call.Messages[^1].Text));
        Assert.Equal((first.Calls.Single().Seed, 512 - 2), (call.Seed, call.Options.MaxOutputTokens));
        Assert.Equal([(1, false), (2, true)], events.OfType<CallSent>().Select(c => (c.Call, c.Continues)));
        Assert.Equal("1 egg", Assert.Single(events.OfType<FinalAnswer>()).Answer);
        var usage = Assert.Single(events.OfType<AgentFinished>()).Usage;
        Assert.Equal(2 + 4, usage.GeneratedTokens);
        // Nothing was lost.
        Assert.Equal(usage.GeneratedTokens, events.OfType<RunFinished>().Last().TotalTokens);
    }

    [Fact]
    public async Task CutOff_WithPlacesNamed_CountsOn()
    {
        var id = await CutOffAsync(Hanging("<think>egg <loc0000><loc0032><loc0480><loc0992>", "; cup "), "egg ; cup ", WithImage());

        var events = await ResumeAsync(id, ScriptedChatClient.Saying("<loc0000><loc0000><loc0480><loc0480></think>cup"));

        Assert.Single(events.OfType<AgentStarted>());
        Assert.Equal([("egg", 1), ("cup", 2)], events.OfType<RegionFound>().Select(e => (e.Region.Label, e.Ordinal)));
        var text = Text<ReasoningDelta>(events);
        Assert.Equal(["egg", "cup"], events.OfType<RegionFound>().Select(e => text.Substring(e.TextStart, e.TextLength)));
    }

    [Fact]
    public async Task CutOff_RightBehindAPlace_GoesOnBehindIt()
    {
        var id = await CutOffAsync(Hanging("<think>egg ", "<loc0000><loc0032><loc0480><loc0992>"), null, WithImage());
        var client = ScriptedChatClient.Saying("</think>1 egg");

        var events = await ResumeAsync(id, client);

        Assert.Equal("<think>egg <loc0000><loc0032><loc0480><loc0992>", Assert.Single(client.Calls).LastText);
        Assert.Single(events.OfType<RegionFound>());
        Assert.Single(events.OfType<AgentStarted>());
    }

    [Fact]
    public async Task CutOff_InATag_GoesOnInIt()
    {
        var id = await CutOffAsync(Hanging("<think>one", " egg</th"), "one egg");

        var events = await ResumeAsync(id, ScriptedChatClient.Saying("ink>1 egg"));

        Assert.Single(events.OfType<AgentStarted>());
        Assert.Equal(("one egg", "1 egg"), (Text<ReasoningDelta>(events), Text<AnswerDelta>(events)));
    }

    [Fact]
    public async Task CutOff_Twice_GoesOnEachTime()
    {
        var id = await CutOffAsync(Hanging("<think>I see "), "I see ");
        await using (var bench = await StoreBench.StartAsync(_folder.Path, Hanging("an ")))
        {
            bench.CanContinue = true;
            await bench.Runs.ResumeAsync(id, Test);
            await UntilSaidAsync(bench, id, "I see an ");
        }
        var client = ScriptedChatClient.Saying("egg</think>1 egg");

        var events = await ResumeAsync(id, client);

        Assert.Equal("<think>I see an ", Assert.Single(client.Calls).LastText);
        Assert.Equal([1, 2, 3], events.OfType<CallSent>().Select(c => c.Call));
        Assert.Equal(Assert.Single(events.OfType<AgentFinished>()).Usage.GeneratedTokens, events.OfType<RunFinished>().Last().TotalTokens);
    }

    [Fact]
    public async Task CutOff_AfterItWasToldToAnswer_GoesOnWithItsAnswer()
    {
        Guid id;
        await using (var bench = await StoreBench.StartAsync(_folder.Path, new ScriptedChatClient(call => Hang(call.Messages[^1].Role == ChatRole.User ? ["<think>I see "] : ["one "], call.Stop))))
        {
            id = await bench.Runs.StartAsync(StoreBench.Request(), Test);
            await UntilSaidAsync(bench, id, "I see ");
            Assert.True(bench.Runs.AnswerNow(id));
            await UntilSaidAsync(bench, id, "I see one ");
        }
        var client = ScriptedChatClient.Saying("egg");

        var events = await ResumeAsync(id, client);

        Assert.Equal("<think>I see </think>one ", Assert.Single(client.Calls).LastText);
        Assert.Equal("one egg", Assert.Single(events.OfType<AgentFinished>()).Answer);
    }

    [Fact]
    public async Task CutOff_BehindItsLastToken_EndsAsItWouldHave()
    {
        var request = StoreBench.Request();
        request = request with { Team = request.Team with { Agents = [request.Team.Agents[0] with { MaxTokens = 2 }] } };
        var id = await CutOffAsync(Hanging("one ", "egg "), "one egg ", request);
        var client = ScriptedChatClient.Saying("never said");

        var events = await ResumeAsync(id, client);

        Assert.Empty(client.Calls);
        Assert.Equal((AgentOutcome.LengthLimit, 2), (Assert.Single(events.OfType<AgentFinished>()).Outcome, events.OfType<RunFinished>().Last().TotalTokens));
    }

    [Fact]
    public async Task CutOff_ByACallOfATool_BeginsAgain()
    {
        var id = await CutOffAsync(Hanging("<tool_call>{\"name\":\"calculator\",\"arguments\":{}}</tool_call>", "so "), "so ");

        var events = await ResumeAsync(id, ScriptedChatClient.Saying("<think>an egg</think>1 egg"));

        Assert.Equal([0], Assert.Single(events.OfType<RunResumed>()).Agents);
        var again = events.FindLastIndex(e => e is AgentStarted);
        Assert.Equal(("an egg", "1 egg"), (Text<ReasoningDelta>(events[again..]), Text<AnswerDelta>(events[again..])));
        Assert.Equal("1 egg", Assert.Single(events.OfType<FinalAnswer>()).Answer);
    }

    [Fact]
    public async Task Resume_ModelIsAnotherNow_BeginsAgainAndCountsWhatWasLost()
    {
        var id = await CutOffAsync(Hanging("I see ", "an "), "I see an ");

        var events = await ResumeAsync(id, ScriptedChatClient.Saying("1 egg"), model: "other");

        Assert.Equal(["muse-mini", "other"], events.OfType<AgentStarted>().Select(e => e.Model));
        Assert.Equal("1 egg", Assert.Single(events.OfType<FinalAnswer>()).Answer);
        Assert.Equal(2 + Assert.Single(events.OfType<AgentFinished>()).Usage.GeneratedTokens, events.OfType<RunFinished>().Last().TotalTokens);
    }

    [Fact]
    public async Task Resume_ReasoningSplitOffByTheServer_BeginsAgain()
    {
        var id = await CutOffAsync(new ScriptedChatClient(call => Hang([new ChatResponseUpdate(ChatRole.Assistant, [new TextReasoningContent("I see ")])], call.Stop)), "I see ");

        var events = await ResumeAsync(id, ScriptedChatClient.Saying("1 egg"));

        Assert.Equal(2, events.OfType<AgentStarted>().Count());
    }

    private static RunRequest WithImage() => StoreBench.Request() with { Images = [new ImageRef(new string('a', 64), "image/png", 192, 192, "scene.png")] };

    private static ScriptedChatClient Hanging(params string[] said) => new(call => Hang(said, call.Stop));

    private static IAsyncEnumerable<ChatResponseUpdate> Hang(string[] said, CancellationToken stop) => Hang(said.Select(ScriptedChatClient.Text), stop);

    /// <summary>Says that much, and nothing more until it is stopped.</summary>
    private static async IAsyncEnumerable<ChatResponseUpdate> Hang(IEnumerable<ChatResponseUpdate> said, [EnumeratorCancellation] CancellationToken stop)
    {
        foreach (var update in said)
            yield return update;
        await Task.Delay(Timeout.Infinite, stop);
    }

    /// <summary>Starts a run and closes the workbench down once it has said that much; null for its first place.</summary>
    private async Task<Guid> CutOffAsync(ScriptedChatClient client, string? said, RunRequest? request = null)
    {
        await using var bench = await StoreBench.StartAsync(_folder.Path, client);
        bench.HasImages = true;
        var id = await bench.Runs.StartAsync(request ?? StoreBench.Request(), Test);
        await UntilSaidAsync(bench, id, said);
        return id;
    }

    private static async Task UntilSaidAsync(StoreBench bench, Guid id, string? said)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Test);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        List<RunEvent> seen = [];
        await foreach (var e in bench.Runs.ReadAsync(id, 0, patience.Token))
        {
            seen.Add(e);
            if (said is null ? e is RegionFound : Text<TextDelta>(seen) == said)
                return;
        }
    }

    private async Task<List<RunEvent>> ResumeAsync(Guid id, ScriptedChatClient client, string model = "muse-mini")
    {
        await using var bench = await StoreBench.StartAsync(_folder.Path, client);
        (bench.CanContinue, bench.HasImages, bench.ModelId) = (true, true, model);
        await bench.Runs.ResumeAsync(id, Test);
        return await bench.ReadAllAsync(id);
    }

    private static string Text<T>(IEnumerable<RunEvent> events) where T : TextDelta => string.Concat(events.OfType<T>().Select(d => d.Text));
}
