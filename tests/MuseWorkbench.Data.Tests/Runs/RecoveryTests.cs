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
    public async Task Resume_OneAgentDone_OnlyTheOtherWorksAgainUnderItsSeed()
    {
        var (id, _, first) = await CrashAsync();
        var client = ScriptedChatClient.Saying("3");
        await using var bench = await StoreBench.StartAsync(_crashed.Path, client);

        await bench.Runs.ResumeAsync(id, Test);
        var events = await bench.ReadAllAsync(id);

        var call = Assert.Single(client.Calls);
        Assert.Equal(first.Calls.Single(c => c.LastText.Contains("slow", StringComparison.Ordinal)).Seed, call.Seed);
        Assert.Equal([1], events.OfType<RunResumed>().Single().Agents);
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
