using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using MuseWorkbench.Core;
using MuseWorkbench.Data.Runs;
using MuseWorkbench.Data.Tests.Kit;

namespace MuseWorkbench.Data.Tests.Experiments;

public class ExperimentStoreTests : IDisposable
{
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(30);

    private readonly TempFolder _folder;
    private readonly FakeTimeProvider _time = new();

    public ExperimentStoreTests() : this(new TempFolder()) { }

    private protected ExperimentStoreTests(TempFolder folder) => _folder = folder;

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    private DateTimeOffset Until => _time.GetUtcNow() + s_lease;

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Create_EveryAttemptOnce_InOrderOfRepeatsCasesTeams()
    {
        await using var bench = await StartAsync();
        var made = await CreateAsync(bench, cases: 2, teams: 2, repeats: 2);

        var cells = await bench.Experiments.ReadCellsAsync(made.Id, Test).ToListAsync(Test);

        Assert.Equal(
            [(0, 0, 0), (0, 0, 1), (0, 1, 0), (0, 1, 1), (1, 0, 0), (1, 0, 1), (1, 1, 0), (1, 1, 1)],
            cells.Select(c => (c.Repeat, c.Case, c.Team)));
        Assert.All(cells, c => Assert.Equal((CellState.Pending, (Guid?)null, (CellResult?)null, (uint)(c.Case * 10 + c.Repeat)), (c.State, c.RunId, c.Result, c.Seed)));
        Assert.Equal(JsonSerializer.Serialize(made, MuseJson.Options), JsonSerializer.Serialize(await bench.Experiments.FindAsync(made.Id, Test), MuseJson.Options));
        Assert.Equal("What is case 1?", (await bench.Experiments.GetCaseAsync(made.Id, 1, Test))!.Prompt);
        Assert.Equal([0, 1], (await bench.Experiments.ReadCasesAsync(made.Id, Test)).Select(c => c.Index));
    }

    [Fact]
    public async Task Insert_AttemptThatIsThere_IsRefusedByTheDatabase()
    {
        await using var bench = await StartAsync();
        var made = await CreateAsync(bench, cases: 1, teams: 1);
        await using var context = bench.Database.CreateContext();

        context.Cells.Add(new() { ExperimentId = made.Id, Team = 0, Case = 0, Repeat = 0, Seed = 1, State = CellState.Pending });

        await Assert.ThrowsAsync<DbUpdateException>(() => context.SaveChangesAsync(Test));
    }

    [Fact]
    public async Task Claim_GivesEachCellToOneOwner_UntilNoneIsLeft()
    {
        await using var bench = await StartAsync();
        await CreateAsync(bench, cases: 20, teams: 1);

        var leases = await Task.WhenAll(Enumerable.Range(0, 24).Select(n => bench.Experiments.ClaimAsync($"owner {n % 3}", Until, Guid.NewGuid(), Test)));

        var given = leases.OfType<CellLease>().ToList();
        Assert.Equal(20, given.Select(l => l.Cell.Key).Distinct().Count());
        Assert.Equal(20, given.Count);
        Assert.All(given, l => Assert.Equal((CellState.Running, false, (Guid?)null), (l.Cell.State, l.TakenOver, l.Superseded)));
    }

    [Fact]
    public async Task Claim_LeaseRanOut_SameRunGoesToTheNextAndTheFirstCanNoLongerFinishIt()
    {
        await using var bench = await StartAsync();
        await CreateAsync(bench, cases: 1, teams: 1);
        var first = (await bench.Experiments.ClaimAsync("first", Until, Guid.NewGuid(), Test))!;
        Assert.Null(await bench.Experiments.ClaimAsync("second", Until, Guid.NewGuid(), Test));

        _time.Advance(s_lease + TimeSpan.FromSeconds(1));
        var second = (await bench.Experiments.ClaimAsync("second", Until, Guid.NewGuid(), Test))!;

        Assert.Equal((first.Cell.Key, first.Cell.RunId, true), (second.Cell.Key, second.Cell.RunId, second.TakenOver));
        Assert.False(await bench.Experiments.CompleteAsync(first.Cell, "first", Result(1), Test));
        Assert.True(await bench.Experiments.CompleteAsync(second.Cell, "second", Result(0.5), Test));
        Assert.False(await bench.Experiments.CompleteAsync(second.Cell, "second", Result(0), Test));
        Assert.Equal(0.5, (await bench.Experiments.ReadCellsAsync(first.Cell.ExperimentId, Test).SingleAsync(Test)).Result!.Score);
    }

    [Fact]
    public async Task Renew_LeaseMovesOn_ReleaseAndRecoverEndIt()
    {
        await using var bench = await StartAsync();
        await CreateAsync(bench, cases: 2, teams: 1);
        var a = (await bench.Experiments.ClaimAsync("a", Until, Guid.NewGuid(), Test))!;
        var b = (await bench.Experiments.ClaimAsync("b", Until, Guid.NewGuid(), Test))!;
        _time.Advance(s_lease / 2);
        await bench.Experiments.RenewAsync("a", [a.Cell.Key, b.Cell.Key], Until, Test);
        _time.Advance(s_lease * 0.7);

        Assert.Equal(b.Cell.Key, (await bench.Experiments.ClaimAsync("c", Until, Guid.NewGuid(), Test))!.Cell.Key);
        await bench.Experiments.ReleaseAsync("a", [a.Cell.Key], Test);
        Assert.Equal(a.Cell.Key, (await bench.Experiments.ClaimAsync("c", Until, Guid.NewGuid(), Test))!.Cell.Key);
        await bench.Experiments.RecoverAsync("c", Test);
        Assert.Null(await bench.Experiments.ClaimAsync("d", Until, Guid.NewGuid(), Test));
        await bench.Experiments.RecoverAsync("d", Test);
        // Where others may live, a lease has to run out.
        Assert.Equal(bench.Database.Worker is null, await bench.Experiments.ClaimAsync("d", Until, Guid.NewGuid(), Test) is not null);
    }

    [Fact]
    public async Task AssignRun_OwnerWithThatRunAlone()
    {
        await using var bench = await StartAsync();
        await CreateAsync(bench, cases: 1, teams: 1);
        var cell = (await bench.Experiments.ClaimAsync("a", Until, Guid.NewGuid(), Test))!.Cell;
        var next = Guid.NewGuid();

        Assert.False(await bench.Experiments.AssignRunAsync(cell, "b", next, Test));
        Assert.True(await bench.Experiments.AssignRunAsync(cell, "a", next, Test));
        Assert.False(await bench.Experiments.CompleteAsync(cell, "a", Result(1), Test));
        Assert.True(await bench.Experiments.CompleteAsync(cell with { RunId = next }, "a", Result(1), Test));
    }

    [Fact]
    public async Task Complete_EveryFieldOfAResult_ComesBackAsItWas()
    {
        await using var bench = await StartAsync();
        var made = await CreateAsync(bench, cases: 1, teams: 1);
        var cell = (await bench.Experiments.ClaimAsync("a", Until, Guid.NewGuid(), Test))!.Cell;
        var result = Result(0.25) with { Passed = true, Answer = "3\n<b>", Assertions = [new("not-equals", "m", 0.25, true, 2, "why", true)] };

        await bench.Experiments.CompleteAsync(cell, "a", result, Test);

        var kept = await bench.Experiments.ReadCellsAsync(made.Id, Test).SingleAsync(Test);
        Assert.Equal(JsonSerializer.Serialize(result, MuseJson.Options), JsonSerializer.Serialize(kept.Result, MuseJson.Options));
        Assert.Equal(CellState.Done, kept.State);
    }

    [Fact]
    public async Task States_PausedGivesNothing_LastResultCompletes_ErrorsAreReopened()
    {
        await using var bench = await StartAsync();
        var made = await CreateAsync(bench, cases: 2, teams: 1);
        Assert.True(await bench.Experiments.MoveAsync(made.Id, [ExperimentState.Running], ExperimentState.Paused, "Why.", Test));
        Assert.Null(await bench.Experiments.ClaimAsync("a", Until, Guid.NewGuid(), Test));
        Assert.Equal((ExperimentState.Paused, "Why."), ((await bench.Experiments.FindAsync(made.Id, Test))!.State, (await bench.Experiments.FindAsync(made.Id, Test))!.Reason));
        Assert.False(await bench.Experiments.MoveAsync(made.Id, [ExperimentState.Completed], ExperimentState.Running, null, Test));
        await bench.Experiments.MoveAsync(made.Id, [ExperimentState.Paused], ExperimentState.Running, null, Test);

        var failedRun = Guid.NewGuid();
        var failed = (await bench.Experiments.ClaimAsync("a", Until, failedRun, Test))!.Cell;
        await bench.Experiments.CompleteAsync(failed, "a", Result(null) with { Error = "Broke." }, Test);
        Assert.Empty(await bench.Experiments.FinishAsync(Test));
        var good = (await bench.Experiments.ClaimAsync("a", Until, Guid.NewGuid(), Test))!.Cell;
        await bench.Experiments.CompleteAsync(good, "a", Result(1) with { Passed = true, WallClockMs = 200 }, Test);

        Assert.Equal([made.Id], await bench.Experiments.FinishAsync(Test));
        Assert.Equal(new ExperimentCounts(0, 0, 1, 1, 1, 150), await bench.Experiments.CountAsync(made.Id, Test));
        Assert.Equal(1, await bench.Experiments.ReopenAsync(made.Id, CellState.Error, Test));
        await bench.Experiments.MoveAsync(made.Id, [ExperimentState.Completed], ExperimentState.Running, null, Test);
        var again = (await bench.Experiments.ClaimAsync("a", Until, Guid.NewGuid(), Test))!;
        Assert.Equal((failed.Key, failedRun, false), (again.Cell.Key, again.Superseded, again.TakenOver));
        Assert.NotEqual(failedRun, again.Cell.RunId);
    }

    [Theory]
    [InlineData(MatrixFilter.All, "0 1 2 3 4")]
    [InlineData(MatrixFilter.Failures, "1 2 3")]
    [InlineData(MatrixFilter.Differ, "1 2")]
    [InlineData(MatrixFilter.Flips, "1 2")]
    [InlineData(MatrixFilter.Errors, "4")]
    public async Task Query_Filter_CasesThatMatch(MatrixFilter filter, string expected)
    {
        await using var bench = await StartAsync();
        var made = await CreateAsync(bench, cases: 5, teams: 2);
        // Right and right, right and wrong, wrong and right, wrong and wrong, an error and right.
        bool?[] outcomes = [true, true, true, false, false, true, false, false, null, true];
        foreach (var passed in outcomes)
        {
            var cell = (await bench.Experiments.ClaimAsync("a", Until, Guid.NewGuid(), Test))!.Cell;
            await bench.Experiments.CompleteAsync(cell, "a", passed is { } p ? Result(p ? 1 : 0) with { Passed = p } : Result(null) with { Error = "Broke." }, Test);
        }

        var page = await bench.Experiments.QueryAsync(made.Id, new() { Filter = filter }, Test);
        var second = await bench.Experiments.QueryAsync(made.Id, new() { Filter = filter, Skip = 1, Take = 1 }, Test);

        Assert.Equal(expected, string.Join(' ', page.Rows.Select(row => row.Case.Key.Index)));
        Assert.Equal(page.Rows.Length, page.Total);
        Assert.Equal(page.Rows.Skip(1).Take(1).Select(r => r.Case.Key), second.Rows.Select(r => r.Case.Key));
        Assert.All(page.Rows, row => Assert.Equal([0, 1], row.Cells.Select(cell => cell.Team)));
    }

    [Fact]
    public async Task Rescore_CellsWithTheSameRun_AllReplacedAndTheVersionTold()
    {
        await using var bench = await StartAsync();
        var made = await CreateAsync(bench, cases: 2, teams: 1);
        for (var i = 0; i < 2; i++)
        {
            var cell = (await bench.Experiments.ClaimAsync("a", Until, Guid.NewGuid(), Test))!.Cell;
            await bench.Experiments.CompleteAsync(cell, "a", Result(0), Test);
        }
        var cells = await bench.Experiments.ReadCellsAsync(made.Id, Test).ToListAsync(Test);

        var changed = await bench.Experiments.RescoreAsync(made.Id, 2, [ExperimentCase.Of(0, new Case { Id = "c0", Prompt = "What is case 0?", Expected = "new" })], [(cells[0], Result(1)), (cells[1] with { RunId = Guid.NewGuid() }, Result(1))], Test);

        Assert.Equal((1, 2), (changed, (await bench.Experiments.FindAsync(made.Id, Test))!.ScoredVersion));
        Assert.Equal("new", (await bench.Experiments.GetCaseAsync(made.Id, 0, Test))!.Expected);
        Assert.Equal([1, 0], (await bench.Experiments.ReadCellsAsync(made.Id, Test).ToListAsync(Test)).Select(c => c.Result!.Score));
    }

    [Fact]
    public async Task Restart_EverythingIsThere_DeletedOnesAreNot()
    {
        Experiment kept, gone;
        await using (var bench = await StartAsync())
        {
            kept = await CreateAsync(bench, cases: 3, teams: 2);
            _time.Advance(TimeSpan.FromMinutes(1));
            gone = await CreateAsync(bench, cases: 1, teams: 1);
            Assert.Equal([gone.Id, kept.Id], (await bench.Experiments.ListAsync(Test)).Select(e => e.Id));
            Assert.True(await bench.Experiments.DeleteAsync(gone.Id, Test));
        }

        await using var again = await StartAsync();
        Assert.Equal([kept.Id], (await again.Experiments.ListAsync(Test)).Select(e => e.Id));
        Assert.Equal(6, (await again.Experiments.CountAsync(kept.Id, Test))!.Pending);
        Assert.Null(await again.Experiments.CountAsync(gone.Id, Test));
        Assert.Empty(await again.Experiments.ReadCellsAsync(gone.Id, Test).ToListAsync(Test));
    }

    [Theory]
    [InlineData(ExperimentRuns.LeaveOut, "asked")]
    [InlineData(ExperimentRuns.Only, "tried")]
    [InlineData(ExperimentRuns.Include, "asked tried")]
    public async Task RunCatalog_RunsOfExperiments_OnlyWhereWanted(ExperimentRuns wanted, string expected)
    {
        await using var bench = await StartAsync();
        var experiment = Guid.NewGuid();
        var tried = StoreBench.Request(prompt: "tried") with { Experiment = new(experiment, "hash", "case", 0), Priority = 100 };
        var start = _time.GetUtcNow();
        await bench.Store.AppendAsync(StoreBench.Script(start, tried, StoreBench.Finished()), Test);
        await bench.Store.AppendAsync(StoreBench.Script(start.AddSeconds(1), StoreBench.Request(prompt: "asked"), StoreBench.Finished()), Test);

        var found = await bench.Catalog.FindAsync(new RunQuery { Experiments = wanted }, Test);

        Assert.Equal(expected, string.Join(' ', found.Runs.Select(run => run.Prompt)));
        var ofIt = Assert.Single((await bench.Catalog.FindAsync(new RunQuery { Experiment = experiment }, Test)).Runs);
        await bench.Catalog.RateAsync(ofIt.RunId, 4, Test);
        Assert.Equal(experiment, ofIt.ExperimentId);
        Assert.Equal(new Dictionary<Guid, int> { [ofIt.RunId] = 4 }, await bench.Catalog.GetRatingsAsync(experiment, Test));
    }

    private static CellResult Result(double? score) => new() { Score = score, WallClockMs = 100, Tokens = 30, CriticalPathTokens = 12, FinishedAt = DateTimeOffset.UnixEpoch };

    private Task<StoreBench> StartAsync() => StoreBench.StartAsync(_folder, time: _time);

    private async Task<Experiment> CreateAsync(StoreBench bench, int cases, int teams, int repeats = 1)
    {
        var experiment = new Experiment
        {
            Id = Guid.NewGuid(), Name = "E", CreatedAt = _time.GetUtcNow(), DatasetId = Guid.NewGuid(), DatasetName = "D", Version = 1, ScoredVersion = 1,
            Cases = cases, Repeats = repeats, SeedBase = 7, Filter = new() { Split = "test", First = cases },
            Teams = [.. Enumerable.Range(0, teams).Select(n => new ExperimentTeam(StoreBench.Request(n + 1).Team, $"hash {n}"))],
            DefaultAssertions = [JsonDocument.Parse("""{"type":"equals","value":"x"}""").RootElement],
        };
        await bench.Experiments.CreateAsync(
            experiment, [.. Enumerable.Range(0, cases).Select(i => ExperimentCase.Of(i, new Case { Id = $"c{i}", Prompt = $"What is case {i}?" }))],
            (@case, repeat) => (uint)(@case * 10 + repeat), Test);
        return experiment;
    }
}

/// <summary>The same over PostgreSQL.</summary>
public sealed class PostgresExperimentStoreTests() : ExperimentStoreTests(new PostgresFolder());
