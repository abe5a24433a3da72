using Microsoft.Extensions.AI;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Core;
using MuseWorkbench.Data.Runs;
using MuseWorkbench.Data.Tests.Kit;

namespace MuseWorkbench.Data.Tests.Runs;

/// <summary>What a crash leaves is the files as they were: a copy of them, taken in mid-run, is one.</summary>
public sealed class RecoveryTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TempFolder _crashed = new();

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _folder.Dispose();
        _crashed.Dispose();
    }

    [Fact]
    public async Task Start_RunCutOff_InterruptedWithEverythingShown()
    {
        var (id, shown, _) = await CrashAsync();
        await using var bench = await StoreBench.StartAsync(_crashed.Path);

        var kept = await bench.ReadAllAsync(id);

        Assert.Equal(shown.Select(e => (e.Seq, e.At, e.GetType())), kept.Take(shown.Count).Select(e => (e.Seq, e.At, e.GetType())));
        Assert.Equal(Text(shown, 1), Text(kept, 1)[..Text(shown, 1).Length]);
        var end = Assert.IsType<RunFinished>(kept[^1]);
        Assert.Equal((RunOutcome.Interrupted, kept[^2].At), (end.Outcome, end.At));
        Assert.Equal(Enumerable.Range(1, kept.Count).Select(n => (long)n), kept.Select(e => e.Seq));
        Assert.Equal(RunOutcome.Interrupted, Assert.Single((await bench.Catalog.FindAsync(new RunQuery(), Test)).Runs).Outcome);
    }

    [Fact]
    public async Task Resume_OneAgentDoneServerCantContinue_OnlyTheOtherBeginsAgainUnderItsSeed()
    {
        var (id, _, first) = await CrashAsync();
        var client = ScriptedChatClient.Saying("3");
        await using var bench = await StoreBench.StartAsync(_crashed.Path, client);

        await bench.Runs.ResumeAsync(id, Test);
        var events = await bench.ReadAllAsync(id);

        var call = Assert.Single(client.Calls);
        Assert.Equal(first.Calls.Single(c => c.LastText.Contains("slow", StringComparison.Ordinal)).Seed, call.Seed);
        Assert.Equal([1], events.OfType<RunResumed>().Single().Continued);
        Assert.Single(events.OfType<AgentFinished>(), e => e.Agent == 0);
        Assert.Single(events.OfType<AgentFinished>(), e => e.Agent == 1);
        Assert.Equal([RunOutcome.Interrupted, RunOutcome.Completed], events.OfType<RunFinished>().Select(e => e.Outcome));
        Assert.Equal((FinalOutcome.Unanimous, "3"), (events.OfType<FinalAnswer>().Single().Outcome, events.OfType<FinalAnswer>().Single().Answer));
        Assert.Equal(Enumerable.Range(1, events.Count).Select(n => (long)n), events.Select(e => e.Seq));
        var record = Assert.Single((await bench.Catalog.FindAsync(new RunQuery(), Test)).Runs);
        Assert.Equal((RunOutcome.Completed, "3"), (record.Outcome, record.Answer));
    }

    [Fact]
    public async Task Resume_Completed_Refused()
    {
        await using var bench = await StoreBench.StartAsync(_folder.Path);
        var id = await bench.Runs.StartAsync(StoreBench.Request(), Test);
        await bench.ReadAllAsync(id);

        await Assert.ThrowsAsync<RunRejectedException>(() => bench.Runs.ResumeAsync(id, Test));
        await Assert.ThrowsAsync<RunRejectedException>(() => bench.Runs.ResumeAsync(Guid.NewGuid(), Test));
    }

    [Fact]
    public async Task Dispose_Running_EndIsKeptAndTheRunCanBeResumed()
    {
        Guid id;
        await using (var bench = await StoreBench.StartAsync(_folder.Path, FastAndEndless()))
        {
            id = await bench.Runs.StartAsync(Question(), Test);
            await SeenAsync(bench, id);
        }

        await using var again = await StoreBench.StartAsync(_folder.Path);
        var kept = await again.ReadAllAsync(id);
        Assert.Equal(RunOutcome.Interrupted, Assert.IsType<RunFinished>(kept[^1]).Outcome);
        Assert.DoesNotContain(kept.OfType<AgentFinished>(), e => e.Agent == 1);
        await again.Runs.ResumeAsync(id, Test);
        Assert.Equal(RunOutcome.Completed, Assert.IsType<RunFinished>((await again.ReadAllAsync(id))[^1]).Outcome);
    }

    [Fact]
    public async Task Resume_JudgeCutOff_AgentsKeepTheirAnswersAndTheJudgeBeginsAgain()
    {
        var first = new ScriptedChatClient(call => IsJudge(call) ? Endless(call.Stop) : ScriptedChatClient.Tokens("3"));
        var id = await CutOffAsync("best-of-n", first, seen => seen.OfType<AnswerDelta>().Any(d => d.Agent == 2));
        var client = new ScriptedChatClient(_ => ScriptedChatClient.Tokens("REASON: it is\nBEST: 2"));
        await using var bench = await StoreBench.StartAsync(_crashed.Path, client);

        await bench.Runs.ResumeAsync(id, Test);
        var events = await bench.ReadAllAsync(id);

        // The order shown to the judge is drawn; it is the same again.
        Assert.Equal(first.Calls.Single(IsJudge).LastText, Assert.Single(client.Calls).LastText);
        Assert.Equal([2], events.OfType<RunResumed>().Single().Continued);
        Assert.Equal([0, 1, 2], events.OfType<AgentFinished>().Select(e => e.Agent).Order());
        Assert.Equal(FinalOutcome.Judged, events.OfType<FinalAnswer>().Single().Outcome);
        Assert.Equal(RunOutcome.Completed, Assert.IsType<RunFinished>(events[^1]).Outcome);
    }

    [Fact]
    public async Task Resume_LaterRoundHalfDone_WhoeverFinishedThereKeepsItsAnswer()
    {
        var first = new ScriptedChatClient(call => IsRevision(call) && call.LastText.Contains("Answer 2 is yours", StringComparison.Ordinal) ? Endless(call.Stop) : ScriptedChatClient.Tokens("3"));
        var id = await CutOffAsync("debate", first, seen => seen.OfType<AgentFinished>().Any(e => e.Agent is 2) && seen.OfType<AnswerDelta>().Any(d => d.Agent == 3));
        var client = ScriptedChatClient.Saying("4");
        await using var bench = await StoreBench.StartAsync(_crashed.Path, client);

        await bench.Runs.ResumeAsync(id, Test);
        var events = await bench.ReadAllAsync(id);

        Assert.Contains("Answer 2 is yours", Assert.Single(client.Calls).LastText, StringComparison.Ordinal);
        Assert.Equal([3], events.OfType<RunResumed>().Single().Continued);
        var final = events.OfType<FinalAnswer>().Single();
        Assert.Equal((FinalOutcome.CastingVote, "3"), (final.Outcome, final.Answer));
        Assert.Equal([("3", 2), ("4", 3)], final.Options.Select(option => (option.Answer, option.Agents.Single())));
        var end = Assert.IsType<RunFinished>(events[^1]);
        Assert.Equal(events.OfType<AgentFinished>().Sum(e => e.Usage.GeneratedTokens) + LostTokens(events, 3), end.TotalTokens);
    }

    private async Task<Guid> CutOffAsync(string strategy, ScriptedChatClient client, Func<List<RunEvent>, bool> until)
    {
        await using var bench = await StoreBench.StartAsync(_folder.Path, client);
        var request = StoreBench.Request(2);
        var id = await bench.Runs.StartAsync(request with { Team = request.Team with { Strategy = strategy } }, Test);
        List<RunEvent> seen = [];
        await foreach (var e in bench.Runs.ReadAsync(id, 0, Test))
        {
            seen.Add(e);
            if (until(seen))
                break;
        }
        foreach (var name in (string[])["runs.db", "runs.db-wal"])
            File.Copy(_folder.File(name), _crashed.File(name));
        return id;
    }

    private static bool IsJudge(ScriptedCall call) => call.LastText.Contains("You are the judge", StringComparison.Ordinal);

    private static bool IsRevision(ScriptedCall call) => call.LastText.Contains("given before you", StringComparison.Ordinal);

    private static int LostTokens(List<RunEvent> events, int agent) =>
        events.TakeWhile(e => e is not RunResumed).OfType<AnswerDelta>().Last(d => d.Agent == agent).Tokens;

    private async Task<(Guid Id, List<RunEvent> Shown, ScriptedChatClient Client)> CrashAsync()
    {
        var client = FastAndEndless();
        await using var bench = await StoreBench.StartAsync(_folder.Path, client);
        var id = await bench.Runs.StartAsync(Question(), Test);
        var shown = await SeenAsync(bench, id);
        // File first, then its log: the log is only ever appended to while the file is below its checkpoint.
        foreach (var name in (string[])["runs.db", "runs.db-wal"])
            File.Copy(_folder.File(name), _crashed.File(name));
        return (id, shown, client);
    }

    /// <summary>Reads until agent 0 is done and agent 1 has been heard.</summary>
    private static async Task<List<RunEvent>> SeenAsync(StoreBench bench, Guid id)
    {
        List<RunEvent> shown = [];
        await foreach (var e in bench.Runs.ReadAsync(id, 0, Test))
        {
            shown.Add(e);
            if (shown.OfType<AgentFinished>().Any() && shown.OfType<AnswerDelta>().Any(d => d.Agent == 1) && shown.OfType<VoteChanged>().Any())
                break;
        }
        return shown;
    }

    private static RunRequest Question() => StoreBench.Request() with
    {
        Team = new TeamSpec { Name = "Two", Agents = [new AgentSpec { Name = "A" }, new AgentSpec { Name = "B", Role = "slow" }] },
    };

    private static ScriptedChatClient FastAndEndless() =>
        new(call => call.LastText.Contains("slow", StringComparison.Ordinal) ? Endless(call.Stop) : ScriptedChatClient.Tokens("3"));

    private static async IAsyncEnumerable<ChatResponseUpdate> Endless([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken stop)
    {
        for (var i = 0; ; i++)
        {
            yield return ScriptedChatClient.Text($"{i} ");
            await Task.Delay(1, stop);
        }
    }

    private static string Text(IEnumerable<RunEvent> events, int agent) =>
        string.Concat(events.OfType<AnswerDelta>().Where(d => d.Agent == agent).Select(d => d.Text));
}
