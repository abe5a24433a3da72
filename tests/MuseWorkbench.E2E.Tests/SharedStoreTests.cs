using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MuseWorkbench.Core;
using MuseWorkbench.Data;
using MuseWorkbench.Data.Tests.Kit;
using Npgsql;

namespace MuseWorkbench.E2E.Tests;

/// <summary>
/// Two workbenches over one real PostgreSQL and one data directory: an experiment of <c>MUSE_CELLS</c> attempts (60, and 500
/// for the whole of it), one of the two killed a quarter of the way, and every attempt is there once.
/// </summary>
public sealed class SharedStoreTests : IDisposable
{
    private const int Teams = 2, Repeats = 5;

    private static readonly int s_cells = int.Parse(Environment.GetEnvironmentVariable("MUSE_CELLS") ?? "60", CultureInfo.InvariantCulture);

    private readonly PostgresFolder _folder = new();

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Experiment_OneOfTwoWorkbenchesKilled_EachAttemptOnce()
    {
        var dataset = await MakeDatasetAsync(s_cells / Teams / Repeats);
        string[] settings = ["--Data:Connection", _folder.Connection, "--Experiments:Parallel=2", "--Engine:Threads=1"];
        await using var first = await Workbench.StartAsync(settings);
        await using var second = await first.StartBesideAsync(settings);
        using var client = second.NewClient();
        // Slow until the kill: else one of them could be through before the other has looked.
        using var brakes = new CompositeDisposable(first.Engine.Slow(), second.Engine.Slow());
        var experiment = await BeginAsync(client, dataset);

        await UntilAsync(async () =>
        {
            var done = await CountAsync("\"State\" = 'Done'");
            Assert.True(done < s_cells, "It was over before both were at work.");
            return done >= s_cells / 4 && (await ReadAsync("SELECT DISTINCT \"Owner\" FROM experiment_cells WHERE \"State\" = 'Running'")).Count == 2;
        });
        var victims = await ReadAsync("SELECT DISTINCT \"Owner\" FROM experiment_cells WHERE \"State\" = 'Running'");
        Assert.Equal(2, victims.Count);
        var (clock, before) = (Stopwatch.StartNew(), await ReadAsync("SELECT \"Key\"::text || ' ' || \"Owner\" FROM experiment_cells WHERE \"State\" = 'Running'"));
        await first.KillAsync();
        brakes.Dispose();

        // Its attempts are the other's, sooner or later.
        await UntilAsync(async () =>
        {
            var now = await ReadAsync("SELECT \"Key\"::text || ' ' || \"Owner\" FROM experiment_cells WHERE \"State\" = 'Running'");
            var left = now.Select(row => row.Split(' ')[1]).Distinct().ToArray();
            return left.Length == 1 && !before.Intersect(now).Any();
        });
        var moved = clock.Elapsed;
        await UntilAsync(async () => (await client.GetFromJsonAsync<JsonElement>($"/api/experiments/{experiment}", Test)).GetProperty("experiment").GetProperty("state").GetString() == "completed");

        Assert.Equal(s_cells, await CountAsync("\"State\" = 'Done'"));
        Assert.Equal(s_cells, int.Parse(Assert.Single(await ReadAsync("SELECT count(DISTINCT \"RunId\")::text FROM experiment_cells")), CultureInfo.InvariantCulture));
        // What counts is one finished run for each; those that were cut off are deleted.
        Assert.Equal(s_cells, int.Parse(Assert.Single(await ReadAsync("SELECT count(*)::text FROM runs WHERE \"DeletedAt\" IS NULL AND \"Outcome\" = 'Completed'")), CultureInfo.InvariantCulture));
        Assert.Equal("0", Assert.Single(await ReadAsync("SELECT count(*)::text FROM runs WHERE \"Outcome\" IS NULL")));
        TestContext.Current.TestOutputHelper?.WriteLine($"{s_cells} attempts over two workbenches, one killed: its work had moved after {moved.TotalSeconds:F1} s; {s_cells} results.");
    }

    [Fact]
    public async Task Run_OfTheOtherWorkbench_IsStreamedAndListed()
    {
        await using var first = await Workbench.StartAsync("--Data:Connection", _folder.Connection);
        await using var second = await first.StartBesideAsync("--Data:Connection", _folder.Connection, "--Node:Start=false");
        using var asks = first.NewClient();
        using var reads = second.NewClient();
        using var response = await asks.PostAsJsonAsync("/api/runs", new JsonObject { ["prompt"] = "What is 1?", ["team"] = new JsonObject { ["name"] = "T", ["agents"] = new JsonArray(new JsonObject { ["name"] = "A" }) } }, Test);
        response.EnsureSuccessStatusCode();
        var run = (await response.Content.ReadFromJsonAsync<JsonElement>(Test)).GetProperty("runId").GetString();

        var streamed = await reads.GetStringAsync($"/api/runs/{run}/events", Test);

        Assert.Contains("\"type\":\"run.started\"", streamed, StringComparison.Ordinal);
        Assert.Contains("\"type\":\"run.finished\",\"outcome\":\"completed\"", streamed, StringComparison.Ordinal);
    }

    /// <summary>Questions without images, made as the pages make them.</summary>
    private async Task<Guid> MakeDatasetAsync(int cases)
    {
        await using var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddMuseData(_ => _folder.Path, _ => _folder.Connection).BuildServiceProvider();
        foreach (var service in services.GetServices<IHostedService>())
            await service.StartAsync(Test);
        var store = services.GetRequiredService<ICaseStore>();
        var (dataset, _) = await store.CreateAsync("Shared", new CaseBatch([.. Enumerable.Range(1, cases).Select(n => new Case { Id = $"c{n}", Prompt = $"What is {n}?", Expected = $"{n}" })]), Test);
        await store.PublishAsync(dataset.Id, "", Test);
        return dataset.Id;
    }

    private static async Task<Guid> BeginAsync(HttpClient client, Guid dataset)
    {
        JsonObject Team(string name, int agents) => new()
        {
            ["spec"] = new JsonObject { ["name"] = name, ["agents"] = new JsonArray([.. Enumerable.Range(1, agents).Select(n => new JsonObject { ["name"] = $"A{n}", ["maxTokens"] = 64 })]) },
        };
        using var response = await client.PostAsJsonAsync(
            "/api/experiments", new JsonObject { ["datasetId"] = dataset, ["repeats"] = Repeats, ["teams"] = new JsonArray(Team("One", 1), Team("Three", 3)) }, Test);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Test));
        return (await response.Content.ReadFromJsonAsync<JsonElement>(Test)).GetProperty("experiment").GetProperty("id").GetGuid();
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Test);
        patience.CancelAfter(TimeSpan.FromMinutes(10));
        while (!await condition())
            await Task.Delay(50, patience.Token);
    }

    private async Task<int> CountAsync(string where) =>
        int.Parse(Assert.Single(await ReadAsync($"SELECT count(*)::text FROM experiment_cells WHERE {where}")), CultureInfo.InvariantCulture);

    private async Task<List<string>> ReadAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_folder.Connection);
        await connection.OpenAsync(Test);
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(Test);
        List<string> rows = [];
        while (await reader.ReadAsync(Test))
            rows.Add(reader.GetString(0));
        return rows;
    }

    private sealed class CompositeDisposable(params IDisposable[] parts) : IDisposable
    {
        public void Dispose() => Array.ForEach(parts, part => part.Dispose());
    }
}
