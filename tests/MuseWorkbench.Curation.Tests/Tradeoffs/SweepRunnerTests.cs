using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Tests.Experiments;
using MuseWorkbench.Curation.Tradeoffs;

namespace MuseWorkbench.Curation.Tests.Tradeoffs;

/// <summary>Sweeps as a job: every setting once, nothing measured lost.</summary>
public sealed class SweepRunnerTests : IAsyncDisposable
{
    private readonly Sweeps _store = new();
    private readonly ScriptedCells _runs = new();
    private readonly List<SweepRunner> _runners = [];

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (var runner in _runners)
            await runner.DisposeAsync();
    }

    [Fact]
    public async Task Create_Started_MeasuresEverySetting()
    {
        var runner = Begin();

        var sweep = await runner.CreateAsync(SweepPlanTests.Plan([1, 2], [64], [1, 4], cases: 4), Test);
        sweep = await UntilAsync(sweep.Id, now => now.State == SweepState.Done);

        Assert.All(sweep.Points, point => Assert.Equal((4, 0, 2, 1000, 1000, 30), (point.Figures!.Runs, point.Figures.Errors, point.Figures.Passed, point.Figures.P50Ms, point.Figures.P95Ms, point.Figures.TokensPerRun)));
        Assert.Equal(0.5, sweep.Points[0].Figures!.Accuracy!.Value);
        Assert.Equal((20, 16), (_runs.Started, _runs.Kept.Count)); // each case once before, to be warm, and let go
        Assert.Equal([1, 2], _runs.Kept.Select(run => run.Request.Team.Agents.Length).Distinct().Order());
        Assert.All(_runs.Kept, run => Assert.Equal((sweep.Id, 100), (run.Request.Experiment!.Id, run.Request.Priority)));
    }

    [Fact]
    public async Task Measure_ConcurrencyOfTwo_HasTwoRunsUnderWay()
    {
        _runs.EndsAtOnce = false;
        _runs.RunStarted += () => _runs.Hold ??= _runs.Started >= 7 ? new TaskCompletionSource() : null; // after six to be warm
        var runner = Begin();
        var sweep = await runner.CreateAsync(SweepPlanTests.Plan([1], [64], [2], cases: 6), Test);

        await UntilAsync(() => _runs.Started == 8);
        Assert.Equal((0, 6), runner.ProgressOf(sweep.Id));
        _runs.Hold!.SetResult();

        Assert.Equal(6, (await UntilAsync(sweep.Id, now => now.State == SweepState.Done)).Points[0].Figures!.Runs);
    }

    [Fact]
    public async Task Stop_InTheMiddleOfASetting_KeepsWhatWasMeasuredAndLetsTheRestGo_ResumeGoesOn()
    {
        var runner = Begin();
        _runs.RunStarted += () => _runs.Hold ??= _runs.Started == 9 ? new TaskCompletionSource() : null;
        var sweep = await runner.CreateAsync(SweepPlanTests.Plan([1, 2], [64], [1], cases: 4), Test);
        await UntilAsync(() => _runs.Hold is not null && runner.ProgressOf(sweep.Id) is not null);

        await runner.StopAsync(sweep.Id, Test);
        await UntilAsync(() => runner.ProgressOf(sweep.Id) is null);

        var stopped = (await _store.FindAsync(sweep.Id, Test))!;
        Assert.Equal((SweepState.Stopped, 1), (stopped.State, stopped.Measured));
        Assert.Equal(4, _runs.Kept.Count);

        _runs.Hold!.SetResult();
        await runner.ResumeAsync(sweep.Id, Test);
        Assert.Equal(2, (await UntilAsync(sweep.Id, now => now.State == SweepState.Done)).Measured);
        Assert.Equal(8, _runs.Kept.Count);
    }

    [Fact]
    public async Task Start_AfterAnotherProcess_GoesOnWithWhatIsMissing()
    {
        _runs.Hold = new TaskCompletionSource();
        var first = Begin();
        var sweep = await first.CreateAsync(SweepPlanTests.Plan([1, 2], [64], [1], cases: 2), Test);
        await UntilAsync(() => _runs.Started == 1);
        await first.DisposeAsync();
        Assert.Equal(SweepState.Running, (await _store.FindAsync(sweep.Id, Test))!.State);

        _runs.Hold.SetResult();
        Begin();

        Assert.Equal(2, (await UntilAsync(sweep.Id, now => now.State == SweepState.Done)).Measured);
        Assert.Equal(4, _runs.Kept.Count);
    }

    [Fact]
    public async Task Measure_EveryRunFails_StopsAndSaysWhy()
    {
        _runs.Answer = _ => null;
        var runner = Begin();

        var sweep = await runner.CreateAsync(SweepPlanTests.Plan([1, 2], [64], [1], cases: 2), Test);
        sweep = await UntilAsync(sweep.Id, now => now.State == SweepState.Stopped);

        Assert.Equal(0, sweep.Measured);
        Assert.Contains("The engine is gone.", sweep.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_CannotBeRun_IsRefusedInWordsAndNotKept()
    {
        var runner = Begin();

        var refused = await Assert.ThrowsAsync<ArgumentException>(() => runner.CreateAsync(SweepPlanTests.Plan([99], [64], [1], cases: 2), Test));

        Assert.Contains("99 is not from 1 to 32", refused.Message, StringComparison.Ordinal);
        Assert.Empty(await _store.ListAsync(Test));
    }

    private SweepRunner Begin()
    {
        var runner = new SweepRunner(_store, _runs, TimeProvider.System, NullLogger<SweepRunner>.Instance);
        _runners.Add(runner);
        runner.Start();
        return runner;
    }

    private async Task<Sweep> UntilAsync(Guid id, Func<Sweep, bool> there)
    {
        await UntilAsync(() => _store.FindAsync(id, Test).Result is { } now && there(now));
        return (await _store.FindAsync(id, Test))!;
    }

    // Looks again after every save and every started run; a test that hangs is cut off by its host.
    private async Task UntilAsync(Func<bool> there)
    {
        while (!there())
            await Task.WhenAny(_store.Saved, Task.Delay(10, Test));
    }

    private sealed class Sweeps : ISweepStore
    {
        private readonly ConcurrentDictionary<Guid, Sweep> _kept = new();
        private TaskCompletionSource _saved = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Saved => Volatile.Read(ref _saved).Task;

        public Task<IReadOnlyList<Sweep>> ListAsync(CancellationToken cancellationToken = default) => Task.FromResult<IReadOnlyList<Sweep>>([.. _kept.Values.OrderByDescending(sweep => sweep.Id)]);

        public Task<Sweep?> FindAsync(Guid id, CancellationToken cancellationToken = default) => Task.FromResult(_kept.GetValueOrDefault(id));

        public Task SaveAsync(Sweep sweep, CancellationToken cancellationToken = default)
        {
            _kept[sweep.Id] = sweep;
            Interlocked.Exchange(ref _saved, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
            return Task.CompletedTask;
        }

        public Task<bool> DeleteAsync(Guid id, CancellationToken cancellationToken = default) => Task.FromResult(_kept.TryRemove(id, out _));
    }
}
