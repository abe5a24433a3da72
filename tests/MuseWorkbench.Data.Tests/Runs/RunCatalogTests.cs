using System.Diagnostics;
using MuseWorkbench.Core;
using MuseWorkbench.Data.Runs;
using MuseWorkbench.Data.Tests.Kit;

namespace MuseWorkbench.Data.Tests.Runs;

public class RunCatalogTests : IAsyncLifetime
{
    private static readonly DateTimeOffset s_start = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly TempFolder _folder;
    private StoreBench _bench = null!;

    public RunCatalogTests() : this(new TempFolder()) { }

    private protected RunCatalogTests(TempFolder folder) => _folder = folder;

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _bench = await StoreBench.StartAsync(_folder);

    public async ValueTask DisposeAsync()
    {
        await _bench.DisposeAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Find_EachCondition_MatchesOnlyWhatMeetsIt()
    {
        var eggs = await KeepAsync(0, "How many EGGS?", "Eight", RunOutcome.Completed, "3 eggs", "muse-mini");
        var chart = await KeepAsync(1, "Read the chart", "Chart team", RunOutcome.Failed, "", "other");
        var open = await KeepAsync(2, "Still at it", "Eight", null, null, "muse-mini");
        await _bench.Catalog.SetTagsAsync(eggs, ["Breakfast", " breakfast ", "", "keep"], Test);
        await _bench.Catalog.RateAsync(eggs, 4, Test);
        await _bench.Catalog.SetNotesAsync(chart, "Axis mis-read: 50 % off", Test);

        Assert.Equal([open, chart, eggs], await IdsAsync(new RunQuery()));
        Assert.Equal([eggs, chart, open], await IdsAsync(new RunQuery { Sort = RunSort.Oldest }));
        Assert.Equal([eggs], await IdsAsync(new RunQuery { Search = "eggs HOW" }));
        Assert.Equal([eggs], await IdsAsync(new RunQuery { Search = "breakfast" }));
        Assert.Equal([chart], await IdsAsync(new RunQuery { Search = "50 %" }));
        Assert.Empty(await IdsAsync(new RunQuery { Search = "e__s" }));
        Assert.Equal([chart], await IdsAsync(new RunQuery { State = RunState.Failed }));
        Assert.Equal([open], await IdsAsync(new RunQuery { State = RunState.Running }));
        Assert.Equal([open, eggs], await IdsAsync(new RunQuery { Team = "Eight" }));
        Assert.Equal([chart], await IdsAsync(new RunQuery { Model = "other" }));
        Assert.Equal([eggs], await IdsAsync(new RunQuery { Tag = "keep" }));
        Assert.Equal([eggs], await IdsAsync(new RunQuery { Rating = 4 }));
        Assert.Empty(await IdsAsync(new RunQuery { Rating = 5 }));
        Assert.Equal([chart], await IdsAsync(new RunQuery { From = s_start.AddMinutes(1), Before = s_start.AddMinutes(2) }));
        Assert.Equal([eggs, open, chart], await IdsAsync(new RunQuery { Sort = RunSort.BestRated }));
        Assert.Equal(["Breakfast", "keep"], (await _bench.Catalog.GetAsync(eggs, Test))!.Tags);
        var facets = await _bench.Catalog.GetFacetsAsync(Test);
        Assert.Equal(["Chart team", "Eight"], facets.Teams);
        Assert.Equal(["muse-mini", "other"], facets.Models);
        Assert.Equal(["Breakfast", "keep"], facets.Tags);
    }

    [Fact]
    public async Task Delete_Finished_GoneUntilRestored()
    {
        var done = await KeepAsync(0, "done", "T", RunOutcome.Completed, "1", "m");
        var open = await KeepAsync(1, "open", "T", null, null, "m");

        Assert.False(await _bench.Catalog.DeleteAsync(open, Test));
        Assert.True(await _bench.Catalog.DeleteAsync(done, Test));
        Assert.Equal([open], await IdsAsync(new RunQuery()));
        Assert.False(await _bench.Store.ContainsAsync(done, Test));
        Assert.True(await _bench.Catalog.RestoreAsync(done, Test));
        Assert.Equal([open, done], await IdsAsync(new RunQuery()));
    }

    [Fact]
    public async Task Find_TenThousandRuns_QuickInAnyOrder()
    {
        await using (var context = _bench.Database.CreateContext())
        {
            for (var i = 0; i < 10_000; i++)
            {
                var run = new StoredRun
                {
                    Id = Guid.CreateVersion7(s_start.AddSeconds(i)), StartedAt = s_start.AddSeconds(i), Prompt = $"How many apples lie in picture {i}?", TeamName = $"Team {i % 7}",
                    Strategy = "self-consistency", Agents = 8, Models = "\nmuse-mini\n", Outcome = (RunOutcome)(i % 4), Answer = $"{i % 13} apples", Agreement = i % 9 / 8.0,
                    WallClockMs = i % 5000, TotalTokens = i % 900, Rating = i % 6 == 0 ? null : i % 6,
                };
                run.Tags.Add(new StoredTag { Tag = $"tag {i % 50}" });
                RunProjection.Index(run);
                context.Runs.Add(run);
            }
            await context.SaveChangesAsync(Test);
        }
        RunQuery[] queries =
        [
            new(), new() { Skip = 9_950 }, new() { Search = "picture 9999" }, new() { Search = "nowhere" }, new() { Tag = "tag 7", Sort = RunSort.BestRated },
            new() { State = RunState.Failed, Sort = RunSort.Longest }, new() { Model = "muse-mini", Sort = RunSort.LeastAgreement, Skip = 500 },
        ];
        foreach (var query in queries)
            await _bench.Catalog.FindAsync(query, Test);

        foreach (var query in queries)
        {
            // The best of three: what else the machine does is not the query's.
            var best = TimeSpan.MaxValue;
            for (var i = 0; i < 3; i++)
            {
                var began = Stopwatch.GetTimestamp();
                await _bench.Catalog.FindAsync(query, Test);
                best = TimeSpan.FromTicks(Math.Min(best.Ticks, Stopwatch.GetElapsedTime(began).Ticks));
            }
            TestContext.Current.TestOutputHelper?.WriteLine($"{best.TotalMilliseconds:0.0} ms: {query}");
            Assert.True(best < TimeSpan.FromMilliseconds(150), $"{best.TotalMilliseconds:0} ms: {query}");
        }
        Assert.Equal(10_000, (await _bench.Catalog.FindAsync(new RunQuery { Take = 1 }, Test)).Total);
    }

    private async Task<Guid> KeepAsync(int minute, string prompt, string team, RunOutcome? outcome, string? answer, string model)
    {
        List<RunEvent> then = [new AgentStarted { Agent = 0, Name = "A", Model = model, Seed = 1 }];
        if (answer is not null)
            then.Add(new FinalAnswer { Outcome = FinalOutcome.Single, Answer = answer, Options = [], Agreement = 1 });
        if (outcome is { } end)
            then.Add(StoreBench.Finished(end));
        var events = StoreBench.Script(s_start.AddMinutes(minute), StoreBench.Request(1, prompt, team), [.. then]);
        await _bench.Store.AppendAsync(events, Test);
        return events[0].RunId;
    }

    private async Task<IEnumerable<Guid>> IdsAsync(RunQuery query) => (await _bench.Catalog.FindAsync(query, Test)).Runs.Select(r => r.RunId);
}

/// <summary>The same over PostgreSQL.</summary>
public sealed class PostgresRunCatalogTests() : RunCatalogTests(new PostgresFolder());
