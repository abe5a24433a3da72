using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MuseWorkbench.Core;
using MuseWorkbench.Data;

namespace MuseWorkbench.E2E.Tests;

/// <summary>
/// The workbench is killed (SIGKILL) again and again while it runs an experiment, and started again over the same data. Every
/// attempt ends with one result, that of one run; a result that had been shown stays as it was. <c>MUSE_CELL_KILLS</c> says how
/// often it is killed (3, and 50 for the whole of it), and there are twenty attempts for each kill.
/// </summary>
public sealed class ExperimentKillTests
{
    private const int AttemptsForEachKill = 20, Teams = 2, Repeats = 5;

    // Some attempts long, at the engine's own speed and held back to a tenth of it: a kill falls into any part of one.
    private const int WithinMs = 80, SlowWithinMs = 800;

    // What may be finished between looking and killing, with room to spare: else there would be nothing left to kill.
    private const int LeftAtLast = 12;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    /// <summary>Finished cells as they were shown, by their key.</summary>
    private readonly Dictionary<long, string> _shown = [];

    /// <summary>How many were, at each kill.</summary>
    private readonly List<int> _finishedAtKills = [];

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Experiment_WorkbenchKilledAgainAndAgain_EachAttemptHasOneResult()
    {
        var kills = int.Parse(Environment.GetEnvironmentVariable("MUSE_CELL_KILLS") ?? "3", CultureInfo.InvariantCulture);
        var seed = int.Parse(Environment.GetEnvironmentVariable("MUSE_KILL_SEED") ?? "20261", CultureInfo.InvariantCulture);
        var (attempts, random, clock) = (kills * AttemptsForEachKill, new Random(seed), Stopwatch.StartNew());
        var data = Directory.CreateTempSubdirectory("muse-e2e-").FullName;
        var dataset = await MakeDatasetAsync(data, attempts / Teams / Repeats);
        var process = await Workbench.StartOnAsync(data);
        try
        {
            var experiment = await BeginAsync(process, dataset);
            var planned = (await ReadCellsAsync(process, experiment)).Select(Identity).Order().ToArray();
            Assert.Equal(attempts, planned.Distinct().Count());
            List<Process> engines = [];
            for (var kill = 0; kill < kills; kill++)
            {
                // So many more that the last kill is likely to fall near the end. The last one is a slow one, before which little more is finished.
                var left = kills - kill;
                var further = random.Next(Math.Max(1, 2 * (attempts - LeftAtLast - _shown.Count) / (left + 2)));
                engines.AddRange(await KillAfterAsync(process, experiment, _shown.Count + further, random, slow: left % 2 == 1));
                // At once: its engine may still be there.
                var before = process;
                process = await before.StartAgainAsync();
                await before.DisposeAsync();
                await ReadCellsAsync(process, experiment);
                Assert.True(_shown.Count >= _finishedAtKills[^1], $"{_finishedAtKills[^1]} had been finished, {_shown.Count} are.");
            }

            await UntilAsync(process, experiment, progress => progress.State == "completed");
            var cells = await ReadCellsAsync(process, experiment);
            await Task.WhenAll(engines.Select(EndAsync));

            Assert.Equal(planned, cells.Select(Identity).Order());
            Assert.All(cells, cell => Assert.Equal("done", cell.GetProperty("state").GetString()));
            Assert.Equal(attempts, _shown.Count);
            var cutOff = AssertKept(Path.Combine(data, "runs.db"), attempts);
            Assert.True(cutOff > 0, "No kill hit a run.");
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"{kills} kills (seed {seed}) at {string.Join(", ", _finishedAtKills)} of {attempts} attempts finished, {cutOff} runs cut off: {cells.Length} results, each once, after {clock.Elapsed.TotalSeconds:F0} s.");
        }
        finally
        {
            await process.DisposeAsync();
        }
    }

    /// <summary>Kills the workbench a little after so many attempts are finished.</summary>
    /// <returns>Its engines, which are to end with it.</returns>
    private async Task<Process[]> KillAfterAsync(Workbench process, Guid experiment, int finished, Random random, bool slow)
    {
        await UntilAsync(process, experiment, progress => progress.Finished >= finished);
        // A run of the small model is over in a moment, often before its beginning is on the disk: slowed down, it is cut off.
        using var brake = slow ? process.Engine.Slow() : null;
        await ReadCellsAsync(process, experiment);
        Process[] engines = [.. process.NodeProcesses().Select(Process.GetProcessById)];
        await Task.Delay(random.Next(slow ? SlowWithinMs : WithinMs), Test);
        var last = await ReadProgressAsync(process, experiment);
        Assert.True(last.State == "running", $"It was {last.State} before the kill.");
        await process.KillAsync();
        _finishedAtKills.Add(last.Finished);
        return engines;
    }

    private static async Task EndAsync(Process engine)
    {
        using (engine)
        {
            await engine.WaitForExitAsync(Test).WaitAsync(TimeSpan.FromSeconds(20), Test);
        }
    }

    /// <summary>All cells. What is finished was shown; what was shown before is still there, as it was.</summary>
    private async Task<JsonElement[]> ReadCellsAsync(Workbench process, Guid experiment)
    {
        using var client = process.NewClient();
        var page = await client.GetFromJsonAsync<JsonElement>($"/api/experiments/{experiment}/cells?take=500", Test);
        JsonElement[] cells = [.. page.GetProperty("rows").EnumerateArray().SelectMany(row => row.GetProperty("cells").EnumerateArray())];
        var finished = cells.Where(cell => cell.GetProperty("state").GetString() is "done" or "error").ToDictionary(cell => cell.GetProperty("key").GetInt64(), cell => cell.GetRawText());
        foreach (var (key, shown) in _shown)
        {
            Assert.Equal(shown, finished.GetValueOrDefault(key));
        }

        foreach (var (key, cell) in finished)
        {
            _shown[key] = cell;
        }

        return cells;
    }

    /// <summary>What an attempt is: a team at a case, for the n-th time, from a seed.</summary>
    private static (int Team, int Case, int Repeat, uint Seed) Identity(JsonElement cell) =>
        (cell.GetProperty("team").GetInt32(), cell.GetProperty("case").GetInt32(), cell.GetProperty("repeat").GetInt32(), cell.GetProperty("seed").GetUInt32());

    private static async Task UntilAsync(Workbench process, Guid experiment, Func<Progress, bool> condition)
    {
        var (before, since) = (-1, Stopwatch.StartNew());
        while (await ReadProgressAsync(process, experiment) is var progress && !condition(progress))
        {
            Assert.True(progress.State == "running", $"It is {progress.State} with {progress.Finished} finished, {progress.Reason}\n{process.Output}");
            if (progress.Finished > before)
            {
                (before, since) = (progress.Finished, Stopwatch.StartNew());
            }

            Assert.True(since.Elapsed < s_patience, $"Nothing has finished for {s_patience.TotalMinutes} minutes, after {before}.\n{process.Output}");
            await Task.Delay(20, Test);
        }
    }

    private static async Task<Progress> ReadProgressAsync(Workbench process, Guid experiment)
    {
        using var client = process.NewClient();
        var answer = await client.GetFromJsonAsync<JsonElement>($"/api/experiments/{experiment}", Test);
        var (made, counts) = (answer.GetProperty("experiment"), answer.GetProperty("counts"));
        return new(
            made.GetProperty("state").GetString()!, made.TryGetProperty("reason", out var reason) ? reason.GetString() : null,
            counts.GetProperty("done").GetInt32() + counts.GetProperty("errors").GetInt32());
    }

    /// <summary>Questions without images, made as the pages make them.</summary>
    private static async Task<Guid> MakeDatasetAsync(string data, int cases)
    {
        await using var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddMuseData(_ => data).BuildServiceProvider();
        foreach (var service in services.GetServices<IHostedService>())
        {
            await service.StartAsync(Test);
        }

        var store = services.GetRequiredService<ICaseStore>();
        var (dataset, _) = await store.CreateAsync("Drill", new CaseBatch([.. Enumerable.Range(1, cases).Select(n => new Case { Id = $"c{n}", Prompt = $"What is {n}?", Expected = $"{n}" })]), Test);
        await store.PublishAsync(dataset.Id, "", Test);
        return dataset.Id;
    }

    private static async Task<Guid> BeginAsync(Workbench process, Guid dataset)
    {
        static JsonObject Team(string name, int agents, double temperature)
        {
            var members = Enumerable.Range(1, agents).Select(n => new JsonObject { ["name"] = $"A{n}", ["maxTokens"] = 96, ["sampling"] = new JsonObject { ["temperature"] = temperature } });
            return new() { ["spec"] = new JsonObject { ["name"] = name, ["agents"] = new JsonArray([.. members]) } };
        }

        using var client = process.NewClient();
        using var response = await client.PostAsJsonAsync(
            "/api/experiments", new JsonObject { ["datasetId"] = dataset, ["repeats"] = Repeats, ["teams"] = new JsonArray(Team("Brief", 1, temperature: 0), Team("Rambling", 3, temperature: 2)) }, Test);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Test));
        return (await response.Content.ReadFromJsonAsync<JsonElement>(Test)).GetProperty("experiment").GetProperty("id").GetGuid();
    }

    /// <summary>The database by itself: a result for each attempt, a completed run for each result, and no other run.</summary>
    /// <returns>How many runs were cut off and let go.</returns>
    private static int AssertKept(string path, int attempts)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        string Read(string sql)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            return Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture)!;
        }

        void Each(string sql) => Assert.Equal($"{attempts}", Read(sql));

        Assert.Equal("ok", Read("PRAGMA integrity_check"));
        Each("SELECT count(*) FROM experiment_cells");
        Each("SELECT count(*) FROM experiment_cells WHERE State = 'Done' AND Error IS NULL AND Score IS NOT NULL");
        Each("SELECT count(DISTINCT RunId) FROM experiment_cells");
        Each("SELECT count(*) FROM runs WHERE DeletedAt IS NULL");
        Assert.Equal("0", Read("SELECT count(*) FROM runs WHERE Outcome IS NULL"));

        // The run that a result names answered that very question from that very seed, and ended once.
        const string Attempts = """
            FROM experiment_cells c
            JOIN experiments e ON e.Id = c.ExperimentId
            JOIN experiment_cases k ON k.ExperimentId = c.ExperimentId AND k."Index" = c."Case"
            JOIN runs r ON r.Id = c.RunId AND r.DeletedAt IS NULL AND r.Outcome = 'Completed' AND r.TotalTokens = c.Tokens AND r.WallClockMs = c.WallClockMs
            JOIN run_events s ON s.RunId = r.Id AND s.Seq = 1
            WHERE json_extract(s.Json, '$.request.experiment.teamHash') = json_extract(e.Json, '$.teams[' || c.Team || '].hash')
              AND json_extract(s.Json, '$.request.experiment.caseId') = k.CaseId
              AND json_extract(s.Json, '$.request.experiment.repeat') = c.Repeat
              AND json_extract(s.Json, '$.request.team.agents[0].sampling.seed') = c.Seed
              AND (SELECT count(*) FROM run_events f WHERE f.RunId = r.Id AND json_extract(f.Json, '$.type') = 'run.finished') = 1
            """;
        Each($"SELECT count(*) {Attempts}");
        Each($"SELECT count(*) FROM (SELECT DISTINCT json_extract(e.Json, '$.teams[' || c.Team || '].hash'), k.Hash, c.Repeat, c.Seed {Attempts})");
        return int.Parse(Read("SELECT count(*) FROM runs WHERE DeletedAt IS NOT NULL"), CultureInfo.InvariantCulture);
    }

    private sealed record Progress(string State, string? Reason, int Finished);
}
