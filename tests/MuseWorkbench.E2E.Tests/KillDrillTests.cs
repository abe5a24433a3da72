using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace MuseWorkbench.E2E.Tests;

/// <summary>
/// The workbench is killed (SIGKILL) at random moments of its runs, again and again over the same data. Every run that was
/// begun is there once, with every event that a reader had been shown, byte for byte. <c>MUSE_KILLS</c> says how often.
/// </summary>
public sealed class KillDrillTests
{
    private const int RunsAtOnce = 2;
    private readonly Dictionary<Guid, List<string>> _shown = [];

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Workbench_KilledAgainAndAgain_NoRunIsLostOrDoubled()
    {
        var kills = int.Parse(Environment.GetEnvironmentVariable("MUSE_KILLS") ?? "5", CultureInfo.InvariantCulture);
        var seed = int.Parse(Environment.GetEnvironmentVariable("MUSE_KILL_SEED") ?? "20261", CultureInfo.InvariantCulture);
        var random = new Random(seed);
        var process = await Workbench.StartAsync();
        var interrupted = 0;
        try
        {
            for (var kill = 1; kill <= kills; kill++)
            {
                await RunUntilKilledAsync(process, TimeSpan.FromMilliseconds(random.Next(0, 1500)));
                AssertIntegrity(Path.Combine(process.Data, "runs.db"));
                var before = process;
                process = await before.StartAgainAsync();
                await before.DisposeAsync();
                interrupted = await VerifyAsync(process);
            }
            TestContext.Current.TestOutputHelper?.WriteLine($"{kills} kills (seed {seed}): {_shown.Count} runs begun, {interrupted} interrupted, {_shown.Values.Sum(e => e.Count)} events shown, none lost.");
            Assert.True(interrupted > 0, "No kill hit a run.");
        }
        finally
        {
            await process.DisposeAsync();
        }
    }

    private async Task RunUntilKilledAsync(Workbench process, TimeSpan after)
    {
        using var client = process.NewClient();
        var image = await client.PostAsync("/images?name=scene.png", new ByteArrayContent(await File.ReadAllBytesAsync(Repository.Sample("scene-02.png"), Test)), Test);
        var sha256 = (await image.Content.ReadFromJsonAsync<JsonElement>(Test)).GetProperty("sha256").GetString();
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // A run of the small model is over in moments; slowed down, it lasts until the kill.
        using var slow = process.Engine.Slow();
        List<Task> readers = [];
        for (var i = 0; i < RunsAtOnce; i++)
        {
            // One that rambles on, so that a kill always hits a run; one that may just be ending.
            var runId = await StartAsync(client, sha256!, temperature: i == 0 ? 2 : 1, maxTokens: i == 0 ? 2000 : 160);
            _shown.Add(runId, []);
            readers.Add(FollowAsync(client, runId, first));
        }

        // From the first word on, so that kills fall into prefill, thinking, answers and ends alike.
        await Task.WhenAny(first.Task, Task.WhenAll(readers)).WaitAsync(TimeSpan.FromSeconds(60), Test);
        await Task.Delay(after, Test);
        await process.KillAsync();
        await Task.WhenAll(readers);
    }

    private static async Task<Guid> StartAsync(HttpClient client, string sha256, double temperature, int maxTokens)
    {
        var agents = new JsonArray([.. Enumerable.Range(1, 4).Select(n => new JsonObject { ["name"] = $"A{n}", ["maxTokens"] = maxTokens, ["sampling"] = new JsonObject { ["temperature"] = temperature } })]);
        var request = new JsonObject
        {
            ["prompt"] = "What is on the table?",
            ["images"] = new JsonArray(new JsonObject { ["sha256"] = sha256 }),
            ["team"] = new JsonObject { ["name"] = "Drill", ["agents"] = agents },
        };
        using var response = await client.PostAsJsonAsync("/api/runs", request, Test);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>(Test)).GetProperty("runId").GetGuid();
    }

    private async Task FollowAsync(HttpClient client, Guid runId, TaskCompletionSource first)
    {
        var shown = _shown[runId];
        try
        {
            using var stream = new StreamReader(await client.GetStreamAsync($"/api/runs/{runId}/events", Test));
            while (await stream.ReadLineAsync(Test) is { } line)
            {
                if (line.StartsWith("data: ", StringComparison.Ordinal))
                {
                    shown.Add(line["data: ".Length..]);
                    if (line.Contains("reasoning.delta", StringComparison.Ordinal))
                    {
                        first.TrySetResult();
                    }
                }
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // Killed. A line cut in half was not shown.
            if (shown.Count > 0 && !shown[^1].EndsWith('}'))
            {
                shown.RemoveAt(shown.Count - 1);
            }
        }
    }

    /// <summary>Returns how many runs were cut off.</summary>
    private async Task<int> VerifyAsync(Workbench process)
    {
        using var client = process.NewClient();
        var (ids, outcomes) = ReadRuns(Path.Combine(process.Data, "runs.db"));
        Assert.Equal(_shown.Keys.Order(), ids.Order());
        Assert.All(outcomes, outcome => Assert.Contains(outcome, (string[])["Completed", "Interrupted"]));
        foreach (var runId in _shown.Keys.TakeLast(RunsAtOnce).Concat(_shown.Keys.Take(1)))
        {
            var kept = (await client.GetStringAsync($"/api/runs/{runId}/events", Test)).Split('\n')
                .Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(line => line["data: ".Length..]).ToArray();
            Assert.Equal(_shown[runId], kept.Take(_shown[runId].Count));
            Assert.Equal(Enumerable.Range(1, kept.Length), kept.Select(line => JsonNode.Parse(line)!["seq"]!.GetValue<int>()));
            Assert.Single(kept, line => line.Contains("\"type\":\"run.started\"", StringComparison.Ordinal));
            Assert.Single(kept, line => line.Contains("\"type\":\"run.finished\"", StringComparison.Ordinal));
            Assert.Contains("run.finished", kept[^1], StringComparison.Ordinal);
        }
        return outcomes.Count(outcome => outcome == "Interrupted");
    }

    private static void AssertIntegrity(string path)
    {
        using var connection = Open(path);
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA integrity_check";
        Assert.Equal("ok", command.ExecuteScalar());
    }

    private static (List<Guid> Ids, List<string> Outcomes) ReadRuns(string path)
    {
        using var connection = Open(path);
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT Id, Outcome FROM runs";
        using var reader = command.ExecuteReader();
        List<Guid> ids = [];
        List<string> outcomes = [];
        while (reader.Read())
        {
            ids.Add(reader.GetGuid(0));
            outcomes.Add(reader.IsDBNull(1) ? "open" : reader.GetString(1));
        }
        return (ids, outcomes);
    }

    private static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        return connection;
    }
}
