using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using MuseWorkbench.Core;
using MuseWorkbench.Data.Tests.Kit;

namespace MuseWorkbench.Data.Tests.Storage;

/// <summary>Two workbenches over one real PostgreSQL.</summary>
public sealed class PostgresDatabaseTests : IDisposable
{
    private static readonly DateTimeOffset s_start = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly PostgresFolder _folder = new();

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Open_ServerIsNotThere_SaysSoAndGoesOnInMemory()
    {
        await using var bench = await StoreBench.StartAsync(new Elsewhere(), ScriptedChatClient.Saying("3"));

        Assert.False(bench.Store.Status.Saves);
        Assert.StartsWith("The run database can't be opened:", bench.Store.Status.Problem, StringComparison.Ordinal);
        Assert.IsType<RunFinished>((await bench.ReadAllAsync(await bench.Runs.StartAsync(StoreBench.Request(), Test)))[^1]);
    }

    [Fact]
    public async Task Open_NewerSchema_IsLeftAlone()
    {
        await (await StoreBench.StartAsync(_folder)).DisposeAsync();
        Execute("""INSERT INTO "__EFMigrationsHistory" VALUES ('99990101000000_Later', '99.0')""");

        await using var bench = await StoreBench.StartAsync(_folder);

        Assert.Contains("newer version of the workbench (99990101000000_Later)", bench.Store.Status.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_TwoAtOnce_BothGetTheSchema()
    {
        var benches = await Task.WhenAll(StoreBench.StartAsync(_folder), StoreBench.StartAsync(_folder));

        Assert.All(benches, bench => Assert.True(bench.Store.Status.Saves, bench.Store.Status.Problem));
        foreach (var bench in benches)
            await bench.DisposeAsync();
    }

    [Fact]
    public async Task Run_OfAnother_IsStreamedWhileItGoesOn()
    {
        var gate = new Gate();
        await using var first = await StoreBench.StartAsync(_folder, gate.Model);
        await using var second = await StoreBench.StartAsync(_folder);
        var id = await first.Runs.StartAsync(StoreBench.Request(), Test);

        var seen = new List<RunEvent>();
        await foreach (var e in second.Runs.ReadAsync(id, 0, Test))
        {
            seen.Add(e);
            if (e is CallSent)
                gate.Opened.TrySetResult(); // it answers only once the other workbench has seen that it was asked
        }

        Assert.Equal(await first.ReadAllAsync(id), seen, (a, b) => (a.Seq, a.GetType()) == (b.Seq, b.GetType()));
        Assert.Equal("3", Assert.Single(seen.OfType<FinalAnswer>()).Answer);
    }

    [Fact]
    public async Task Stop_OnAnother_ReachesTheOneThatRunsIt()
    {
        await using var first = await StoreBench.StartAsync(_folder, new Gate().Model);
        await using var second = await StoreBench.StartAsync(_folder);
        var id = await first.Runs.StartAsync(StoreBench.Request(agents: 2), Test);
        await foreach (var e in second.Runs.ReadAsync(id, 0, Test))
        {
            if (e is CallSent)
                break;
        }

        Assert.True(second.Runs.StopAgent(id, 1));
        await foreach (var e in second.Runs.ReadAsync(id, 0, Test))
        {
            if (e is AgentFinished finished)
            {
                Assert.Equal((1, AgentOutcome.Stopped), (finished.Agent, finished.Outcome));
                break;
            }
        }

        Assert.True(second.Runs.Stop(id));
        Assert.Equal(RunOutcome.Stopped, Assert.IsType<RunFinished>((await second.ReadAllAsync(id))[^1]).Outcome);
    }

    [Fact]
    public async Task Run_OfOneThatLives_IsNotEndedByOthers()
    {
        var gate = new Gate();
        await using var first = await StoreBench.StartAsync(_folder, gate.Model);
        var id = await first.Runs.StartAsync(StoreBench.Request(), Test);
        await using var second = await StoreBench.StartAsync(_folder);

        Assert.Empty(await second.Store.FindOpenAsync(Test));
        gate.Opened.SetResult();
        Assert.Equal(RunOutcome.Completed, Assert.IsType<RunFinished>((await first.ReadAllAsync(id))[^1]).Outcome);
    }

    [Fact]
    public async Task Run_OfOneThatIsGone_IsEndedAndCanBeResumedByAnother()
    {
        var gate = new Gate();
        await using var first = await StoreBench.StartAsync(_folder, gate.Model);
        var id = await first.Runs.StartAsync(StoreBench.Request(), Test);
        await foreach (var e in first.Runs.ReadAsync(id, 0, Test))
        {
            if (e is CallSent)
                break;
        }

        // As if it had been killed a minute ago, and can't say otherwise.
        await using var second = await StoreBench.StartAsync(_folder, ScriptedChatClient.Saying("4"));
        Execute($"""
            CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
            CREATE TRIGGER still BEFORE INSERT OR UPDATE ON workers FOR EACH ROW WHEN (NEW."Id" = '{first.Database.Worker}') EXECUTE FUNCTION nothing();
            DELETE FROM workers WHERE "Id" = '{first.Database.Worker}';
            """);
        var events = await second.ReadAllAsync(id);

        Assert.Equal(RunOutcome.Interrupted, Assert.IsType<RunFinished>(events[^1]).Outcome);
        await second.Runs.ResumeAsync(id, Test);
        var resumed = await second.ReadAllAsync(id);
        Assert.Equal("4", Assert.Single(resumed.OfType<FinalAnswer>()).Answer);
        Assert.Equal(Enumerable.Range(1, resumed.Count).Select(n => (long)n), resumed.Select(e => e.Seq));

        // The first one wakes up: what it says is not kept, and disturbs nobody.
        gate.Opened.SetResult();
        await first.ReadAllAsync(id);
        Assert.Equal(resumed.Count, (await second.ReadAllAsync(id)).Count);
    }

    [Fact]
    public async Task Save_CommitCameThroughThoughItFailed_RunGoesOnBeingKept()
    {
        var gate = new Gate();
        await using var bench = await StoreBench.StartAsync(_folder, gate.Model);
        var id = await bench.Runs.StartAsync(StoreBench.Request(), Test);
        var last = 0L;
        await foreach (var e in bench.Runs.ReadAsync(id, 0, Test))
        {
            last = e.Seq;
            if (e is AgentQueued)
                break; // nothing more comes until the model speaks
        }

        // What the next commit writes is there, as if the connection had been lost before it could say so.
        Execute($"INSERT INTO run_events SELECT \"RunId\", {last + 1}, \"At\", \"Json\" FROM run_events WHERE \"RunId\" = '{id}' AND \"Seq\" = {last}");
        gate.Opened.SetResult();
        var shown = await bench.ReadAllAsync(id);
        await bench.UntilAsync(status => status.Saves);

        var kept = await bench.Store.ReadAsync(id, 0, 1000, Test);
        Assert.Equal(shown.Select(e => e.Seq), kept.Select(e => e.Seq));
        Assert.Equal(RunOutcome.Completed, (await bench.Catalog.GetAsync(id, Test))!.Outcome);
    }

    [Fact]
    public async Task Text_ThatTheDatabaseCantHold_IsKeptWithoutThat()
    {
        await using var bench = await StoreBench.StartAsync(_folder);
        var events = StoreBench.Script(s_start, StoreBench.Request(prompt: "nul \0 half \ud800 whole \ud83d\ude00"), StoreBench.Finished());

        await bench.Store.AppendAsync(events, Test);

        Assert.Equal("nul \ufffd half \ufffd whole \ud83d\ude00", (await bench.Catalog.GetAsync(events[0].RunId, Test))!.Prompt);
        Assert.Equal(2, (await bench.Store.ReadAsync(events[0].RunId, 0, 10, Test)).Count);
    }

    [Fact]
    public async Task Claim_TwoWorkbenches_NoCellTwice()
    {
        await using var first = await StoreBench.StartAsync(_folder);
        await using var second = await StoreBench.StartAsync(_folder);
        var experiment = new Experiment
        {
            Id = Guid.NewGuid(), Name = "E", CreatedAt = s_start, DatasetId = Guid.NewGuid(), DatasetName = "D", Version = 1, ScoredVersion = 1,
            Cases = 200, Repeats = 1, SeedBase = 7, Teams = [new ExperimentTeam(StoreBench.Request().Team, "hash")], DefaultAssertions = [],
        };
        await first.Experiments.CreateAsync(experiment, [.. Enumerable.Range(0, 200).Select(i => ExperimentCase.Of(i, new Case { Id = $"c{i}", Prompt = "?" }))], (_, _) => 1, Test);
        var until = DateTimeOffset.UtcNow.AddMinutes(1);

        var leases = await Task.WhenAll(Enumerable.Range(0, 16).Select(async n =>
        {
            var got = new List<long>();
            while (await (n % 2 == 0 ? first : second).Experiments.ClaimAsync($"owner {n}", until, Guid.NewGuid(), Test) is { } lease)
                got.Add(lease.Cell.Key);
            return got;
        }));

        Assert.Equal(200, leases.Sum(l => l.Count));
        Assert.Equal(200, leases.SelectMany(l => l).Distinct().Count());
    }

    private void Execute(string sql) => _folder.Execute(sql, new Npgsql.NpgsqlConnectionStringBuilder(_folder.Connection).Database);

    /// <summary>Answers once it is let.</summary>
    private sealed class Gate
    {
        public TaskCompletionSource Opened { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ScriptedChatClient Model => new(call => AnswerAsync(call.Stop));

        private async IAsyncEnumerable<ChatResponseUpdate> AnswerAsync([EnumeratorCancellation] CancellationToken stop)
        {
            await Opened.Task.WaitAsync(stop);
            await foreach (var update in ScriptedChatClient.Tokens("3", stop: stop))
                yield return update;
        }
    }

    private sealed class Elsewhere : TempFolder
    {
        public override string Connection => $"Host={Path}/nobody;Username=x;Database=x;Timeout=5";
    }
}
