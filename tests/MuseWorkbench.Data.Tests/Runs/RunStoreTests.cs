using Microsoft.Data.Sqlite;
using MuseWorkbench.Core;
using MuseWorkbench.Data.Runs;
using MuseWorkbench.Data.Tests.Kit;

namespace MuseWorkbench.Data.Tests.Runs;

public sealed class RunStoreTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    /// <summary>Rows as the first version wrote them: no calls, no engine, no stages.</summary>
    [Fact]
    public async Task Read_RunKeptByTheFirstVersion_IsWholeAndCanBeTakenUp()
    {
        var id = new Guid("01a20ae8-8e21-7719-ba26-5fc870263ea2");
        string[] rows =
        [
            """{"type":"run.started","request":{"prompt":"How many?","images":[],"team":{"name":"Two","strategy":"self-consistency","agents":[{"name":"A","sampling":{"temperature":0.8,"topP":1,"topK":0,"minP":0},"maxTokens":512},{"name":"B","sampling":{"temperature":0.8,"topP":1,"topK":0,"minP":0},"maxTokens":512}]}}}""",
            """{"type":"agent.started","name":"A","model":"muse-mini","seed":7,"stage":1,"role":"member","member":0,"agent":0}""",
            """{"type":"agent.started","name":"B","model":"muse-mini","seed":8,"stage":1,"role":"member","member":1,"agent":1}""",
            """{"type":"answer.delta","text":"3","tokens":1,"agent":0}""",
            """{"type":"agent.finished","outcome":"answered","answer":"3","normalisedAnswer":"3","usage":{"promptTokens":9,"cachedTokens":0,"generatedTokens":1},"timings":{"queueMs":1,"prefillMs":1,"timeToFirstTokenMs":2,"tokensPerSecond":0,"totalMs":3},"agent":0}""",
            """{"type":"vote.changed","options":[{"answer":"3","normalised":"3","agents":[0]}],"open":1}""",
        ];
        var options = new System.Text.Json.JsonSerializerOptions(System.Text.Json.JsonSerializerDefaults.Web);
        MuseJson.Configure(options);
        RunEvent[] events = [.. rows.Select((row, i) => System.Text.Json.JsonSerializer.Deserialize<RunEvent>(row, options)! with { RunId = id, Seq = i + 1, At = DateTimeOffset.UnixEpoch.AddYears(50).AddMilliseconds(i) })];
        await using (var bench = await StoreBench.StartAsync(_folder.Path))
            await bench.Store.AppendAsync(events, Test);

        var client = ScriptedChatClient.Saying("3");
        await using var again = await StoreBench.StartAsync(_folder.Path, client);
        await again.Runs.ResumeAsync(id, Test);
        var kept = await again.ReadAllAsync(id);

        // The one that had finished keeps its answer, though nothing tells what it was asked.
        Assert.Equal(8, Assert.Single(client.Calls).Seed);
        Assert.Equal([1], kept.OfType<RunResumed>().Single().Agents);
        Assert.Equal(FinalOutcome.Unanimous, kept.OfType<FinalAnswer>().Single().Outcome);
    }

    [Fact]
    public async Task Append_ThenAnotherProcess_ReadsTheSame()
    {
        var events = StoreBench.Script(
            new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero).AddTicks(7), StoreBench.Request(),
            new AgentStarted { Agent = 0, Name = "Agent 1", Model = "muse-mini", Seed = uint.MaxValue - 1 },
            new ReasoningDelta { Agent = 0, Text = "</script> \u2028 \0 🥚 \ud83d", Tokens = 3 },
            StoreBench.Finished());
        await using (var bench = await StoreBench.StartAsync(_folder.Path))
            await bench.Store.AppendAsync(events, Test);

        await using var again = await StoreBench.StartAsync(_folder.Path);
        var read = await again.Store.ReadAsync(events[0].RunId, 0, 100, Test);

        Assert.Equal(events.Length, read.Count);
        Assert.Equal(events[0].At, read[0].At);
        Assert.Equal(events[1], read[1]);
        // Half a surrogate pair is not text; it is kept as the replacement character.
        Assert.Equal(((ReasoningDelta)events[2]).Text.Replace('\ud83d', '\ufffd').Replace("\ufffd\udd5a", "🥚"), ((ReasoningDelta)read[2]).Text);
        Assert.Equal(events[3], read[3]);
        Assert.Equal([3, 4], (await again.Store.ReadAsync(events[0].RunId, 2, 100, Test)).Select(e => e.Seq));
        Assert.Equal([2], (await again.Store.ReadAsync(events[0].RunId, 1, 1, Test)).Select(e => e.Seq));
    }

    [Fact]
    public async Task Run_Finished_EveryEventShownIsKept()
    {
        await using var bench = await StoreBench.StartAsync(_folder.Path, ScriptedChatClient.Saying("Two and one are three, so 3"));
        var ids = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => bench.Runs.StartAsync(StoreBench.Request(4, $"q{i}"), Test)));
        foreach (var id in ids)
        {
            var shown = await bench.ReadAllAsync(id);
            var kept = await bench.Store.ReadAsync(id, 0, 10_000, Test);
            Assert.IsType<RunFinished>(shown[^1]);
            Assert.Equal(Enumerable.Range(1, shown.Count).Select(n => (long)n), kept.Select(e => e.Seq));
            Assert.Equal(shown.OfType<AnswerDelta>(), kept.OfType<AnswerDelta>());
        }
    }

    [Fact]
    public async Task Run_DiskNotAnswering_NothingIsShownBeforeItIsKept()
    {
        await using var bench = await StoreBench.StartAsync(_folder.Path);
        using var holder = new SqliteConnection($"Data Source={_folder.File("runs.db")};Pooling=False");
        holder.Open();
        using var hold = holder.BeginTransaction(deferred: false);
        var starting = bench.Runs.StartAsync(StoreBench.Request(), Test);

        // The run itself is over by now or soon; nobody can know of it while the database is held.
        await Assert.ThrowsAsync<TimeoutException>(() => starting.WaitAsync(TimeSpan.FromMilliseconds(400), Test));
        var held = Assert.Single(bench.Runs.List());
        Assert.Equal((null, null), (held.Outcome, held.Answer));
        var reading = bench.ReadAllAsync(held.RunId);
        Assert.False(reading.IsCompleted);
        hold.Rollback();

        var id = await starting;
        Assert.IsType<RunFinished>((await reading)[^1]);
        Assert.Equal(RunOutcome.Completed, Assert.Single(bench.Runs.List()).Outcome);
        Assert.NotEmpty(await bench.Store.ReadAsync(id, 0, 10, Test));
    }

    [Fact]
    public async Task Run_DiskFull_GoesOnInMemoryAndIsKeptOnceThereIsRoom()
    {
        await using (var other = await StoreBench.StartAsync(_folder.Path))
            await other.Store.AppendAsync(StoreBench.Script(DateTimeOffset.UtcNow, StoreBench.Request(prompt: new string('x', 400_000)), StoreBench.Finished()), Test);
        var pages = (int)(new FileInfo(_folder.File("runs.db")).Length / 4096);
        await using var bench = await StoreBench.StartAsync(_folder.Path, ScriptedChatClient.Saying(new string('y', 20_000)), maxPages: pages);

        var id = await bench.Runs.StartAsync(StoreBench.Request(), Test);
        var shown = await bench.ReadAllAsync(id);

        Assert.IsType<RunFinished>(shown[^1]);
        Assert.Equal((false, "The disk is full."), (bench.Store.Status.Saves, bench.Store.Status.Problem));
        Assert.Empty(await bench.Store.ReadAsync(id, 0, 10_000, Test));

        using (var connection = new SqliteConnection($"Data Source={_folder.File("runs.db")};Pooling=False;Foreign Keys=True"))
        {
            connection.Open();
            using var delete = connection.CreateCommand();
            delete.CommandText = "DELETE FROM runs";
            delete.ExecuteNonQuery();
        }
        await bench.UntilAsync(status => status.Saves);

        Assert.Null(bench.Store.Status.Problem);
        Assert.Equal(shown.Select(e => e.Seq), (await bench.Store.ReadAsync(id, 0, 10_000, Test)).Select(e => e.Seq));
    }

    [Fact]
    public async Task Read_EventOfANewerProgram_IsPassedOver()
    {
        await using var bench = await StoreBench.StartAsync(_folder.Path);
        var events = StoreBench.Script(DateTimeOffset.UtcNow, StoreBench.Request(), new AgentQueued { Agent = 0 }, StoreBench.Finished());
        await bench.Store.AppendAsync(events, Test);
        await using (var context = bench.Database.CreateContext())
        {
            context.Events.Add(new StoredEvent { RunId = events[0].RunId, Seq = 4, At = events[0].At, Json = """{"type":"run.praised"}""" });
            await context.SaveChangesAsync(Test);
        }

        Assert.Equal([1, 2, 3], (await bench.Store.ReadAsync(events[0].RunId, 0, 10, Test)).Select(e => e.Seq));
    }
}
