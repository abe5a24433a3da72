using MuseWorkbench.Core;
using MuseWorkbench.Curation.Experiments;

namespace MuseWorkbench.Curation.Tests.Experiments;

public sealed class ExperimentRunnerTests : IAsyncLifetime
{
    private ExperimentBench _bench = null!;

    public async ValueTask InitializeAsync() => _bench = await ExperimentBench.StartAsync();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Run_EveryCell_AsksTheCaseInOrderBehindWhatPeopleAsk()
    {
        _bench.Options.Parallel = 1;
        var experiment = await _bench.CreateAsync(cases: 2, repeats: 2, "A", "B");

        await RunAsync(experiment);

        var cells = await _bench.CellsAsync(experiment.Id);
        Assert.All(cells, cell => Assert.Equal((CellState.Done, 1.0, true, 30, 12), (cell.State, cell.Result!.Score, cell.Result.Passed, cell.Result.Tokens, cell.Result.CriticalPathTokens)));
        Assert.All(_bench.Runs.Kept, run => Assert.Equal(CellAttempt.Priority, run.Request.Priority));
        foreach (var cell in cells)
        {
            var request = _bench.Runs.Kept.Single(run => run.Id == cell.RunId).Request;
            Assert.Equal(new ExperimentAttempt(experiment.Id, experiment.Teams[cell.Team].Hash, $"case {cell.Case}", cell.Repeat), request.Experiment);
            Assert.Equal((experiment.Teams[cell.Team].Spec.Name, cell.Seed), (request.Team.Name, request.Team.Agents[0].Sampling.Seed));
        }
        Assert.Equal(4, cells.Select(cell => cell.Seed).Distinct().Count()); // teams are paired by seed
        Assert.Equal(ExperimentState.Completed, (await _bench.Store.FindAsync(experiment.Id, ExperimentBench.Test))!.State);
    }

    [Fact]
    public async Task Run_WrongAnswer_IsZero_BrokenRunIsAnErrorWithoutAScore()
    {
        _bench.Runs.Answer = request => request.Prompt switch { "case 0" => "wrong", "case 1" => null, var prompt => prompt };
        var experiment = await _bench.CreateAsync(cases: 3);

        await RunAsync(experiment);

        var cells = await _bench.CellsAsync(experiment.Id);
        Assert.Equal([(CellState.Done, 0, false), (CellState.Error, (double?)null, false), (CellState.Done, 1, true)], cells.Select(c => (c.State, c.Result!.Score, c.Result.Passed)));
        Assert.Equal("The run failed: The engine is gone.", cells[1].Result!.Error);
        Assert.Equal("equals", Assert.Single(cells[0].Result!.Assertions).Type);
    }

    [Fact]
    public async Task Run_Refused_IsAnErrorWithTheReason()
    {
        var dataset = await _bench.PublishAsync(ExperimentBench.Case("refused"), ExperimentBench.Case("good"));
        var experiment = await _bench.CreateAsync(new ExperimentDraft { DatasetId = dataset, Teams = [ExperimentBench.Team("A")] });

        await RunAsync(experiment);

        Assert.Equal(["The image is not here any more.", null], (await _bench.CellsAsync(experiment.Id)).Select(cell => cell.Result!.Error));
    }

    [Fact]
    public async Task Run_CutOff_IsLetGoAndAnsweredAnew()
    {
        _bench.Options.Parallel = 1;
        _bench.Runs.Hold = new TaskCompletionSource();
        var experiment = await _bench.CreateAsync(cases: 1);
        var runner = _bench.Begin();
        runner.Start();
        await _bench.UntilAsync(runner, experiment.Id, (_, counts) => counts.Running == 1 && _bench.Runs.Started == 1);
        var first = Assert.Single(_bench.Runs.Kept).Id;

        _bench.Runs.Hold = null;
        _bench.Runs.End(first, RunOutcome.Interrupted);
        await _bench.UntilOverAsync(runner, experiment.Id);

        var cell = Assert.Single(await _bench.CellsAsync(experiment.Id));
        Assert.Equal((CellState.Done, 2), (cell.State, _bench.Runs.Started));
        Assert.Equal(cell.RunId, Assert.Single(_bench.Runs.Kept).Id);
        Assert.NotEqual(first, cell.RunId);
    }

    [Fact]
    public async Task Run_AtMostSoManyAtOnce_OldestExperimentFirst()
    {
        _bench.Runs.Hold = new TaskCompletionSource();
        _bench.Options.Parallel = 3;
        var first = await _bench.CreateAsync(cases: 2);
        _bench.Time.Advance(TimeSpan.FromSeconds(1));
        var second = await _bench.CreateAsync(cases: 5);
        var runner = _bench.Begin();
        runner.Start();

        await _bench.UntilAsync(runner, second.Id, (_, counts) => counts.Running == 1 && _bench.Runs.Started == 3);

        Assert.Equal(2, (await _bench.Store.CountAsync(first.Id, ExperimentBench.Test))!.Running);
        _bench.Runs.Hold.SetResult();
        await _bench.UntilOverAsync(runner, second.Id);
        Assert.Equal(7, _bench.Runs.Started);
    }

    [Fact]
    public async Task Pause_RunsUnderWayCount_NoneBeginUntilResumed()
    {
        _bench.Runs.Hold = new TaskCompletionSource();
        var experiment = await _bench.CreateAsync(cases: 4);
        var (runner, service) = Serve();
        await _bench.UntilAsync(runner, experiment.Id, (_, counts) => counts.Running == 2);

        Assert.True(await service.PauseAsync(experiment.Id, ExperimentBench.Test));
        Assert.False(await service.PauseAsync(experiment.Id, ExperimentBench.Test));
        _bench.Runs.Hold.SetResult();
        await _bench.UntilAsync(runner, experiment.Id, (e, counts) => counts is { Done: 2, Pending: 2 } && e.State == ExperimentState.Paused);

        var progress = await service.GetProgressAsync(experiment.Id, ExperimentBench.Test);
        Assert.Null(progress!.Remaining);
        Assert.True(await service.ResumeAsync(experiment.Id, ExperimentBench.Test));
        await _bench.UntilOverAsync(runner, experiment.Id);
        Assert.Equal(4, _bench.Runs.Started);
    }

    [Fact]
    public async Task Cancel_RunsAreStoppedAndTheirCellsPendingAgain_MissingOnesRunLater()
    {
        _bench.Runs.Hold = new TaskCompletionSource();
        var experiment = await _bench.CreateAsync(cases: 4);
        var (runner, service) = Serve();
        await _bench.UntilAsync(runner, experiment.Id, (_, counts) => counts.Running == 2 && _bench.Runs.Started == 2);

        Assert.True(await service.CancelAsync(experiment.Id, ExperimentBench.Test));

        await _bench.UntilAsync(runner, experiment.Id, (e, counts) => counts.Pending == 4 && e.State == ExperimentState.Cancelled && runner.ActiveCells == 0);
        Assert.Equal(2, _bench.Runs.Stopped.Count);
        _bench.Runs.Hold = null;
        Assert.True(await service.RunMissingAsync(experiment.Id, ExperimentBench.Test));
        await _bench.UntilOverAsync(runner, experiment.Id);
        Assert.Equal(4, _bench.Runs.Kept.Count);
        Assert.All(await _bench.CellsAsync(experiment.Id), cell => Assert.Equal(CellState.Done, cell.State));
        Assert.False(await service.RunMissingAsync(experiment.Id, ExperimentBench.Test));
    }

    [Fact]
    public async Task RetryErrors_ErrorsAloneRunAgain_TheirOldRunsAreLetGo()
    {
        _bench.Runs.Answer = request => request.Prompt == "case 1" ? null : request.Prompt;
        var experiment = await _bench.CreateAsync(cases: 3);
        var (runner, service) = Serve();
        await _bench.UntilOverAsync(runner, experiment.Id);
        var before = await _bench.CellsAsync(experiment.Id);
        _bench.Runs.Answer = request => request.Prompt;

        Assert.True(await service.RetryErrorsAsync(experiment.Id, ExperimentBench.Test));
        await _bench.UntilOverAsync(runner, experiment.Id);

        var after = await _bench.CellsAsync(experiment.Id);
        Assert.Equal([true, false, true], after.Zip(before, (a, b) => a.RunId == b.RunId));
        Assert.All(after, cell => Assert.Equal(CellState.Done, cell.State));
        Assert.Equal(3, _bench.Runs.Kept.Count);
        Assert.False(await service.RetryErrorsAsync(experiment.Id, ExperimentBench.Test));
    }

    [Fact]
    public async Task ErrorsInARow_PauseItWithTheReason()
    {
        _bench.Options.PauseAfterErrors = 3;
        _bench.Options.Parallel = 1;
        _bench.Runs.Answer = _ => null;
        var experiment = await _bench.CreateAsync(cases: 9);
        var (runner, _) = Serve();

        await _bench.UntilAsync(runner, experiment.Id, (e, _) => e.State == ExperimentState.Paused && runner.ActiveCells == 0);

        var (found, counts) = (await _bench.Store.FindAsync(experiment.Id, ExperimentBench.Test), await _bench.Store.CountAsync(experiment.Id, ExperimentBench.Test));
        Assert.Equal("Paused after 3 errors in a row. The last: The run failed: The engine is gone.", found!.Reason);
        Assert.Equal((3, 6), (counts!.Errors, counts.Pending));
    }

    [Fact]
    public async Task Dispose_RunsUnderWay_AreTakenUpByTheNext()
    {
        _bench.Runs.Hold = new TaskCompletionSource();
        var experiment = await _bench.CreateAsync(cases: 2);
        var runner = _bench.Begin();
        runner.Start();
        await _bench.UntilAsync(runner, experiment.Id, (_, counts) => counts.Running == 2 && _bench.Runs.Started == 2);

        await runner.DisposeAsync();
        _bench.Runs.Hold.SetResult();
        var next = _bench.Begin();
        next.Start();
        await _bench.UntilOverAsync(next, experiment.Id);

        Assert.Equal(2, _bench.Runs.Started); // they ended by themselves meanwhile, and count
        Assert.All(await _bench.CellsAsync(experiment.Id), cell => Assert.Equal(CellState.Done, cell.State));
    }

    [Fact]
    public async Task Lease_OfAnotherThatFellSilent_IsTakenOverWhenItRunsOut()
    {
        var experiment = await _bench.CreateAsync(cases: 1);
        await _bench.Store.ClaimAsync("another", _bench.Time.GetUtcNow() + ExperimentRunner.Lease, Guid.NewGuid(), ExperimentBench.Test);
        // It had begun before we did and is not known to be gone.
        var runner = _bench.Begin();
        await _bench.Store.RecoverAsync("another", ExperimentBench.Test);
        runner.Start();

        _bench.Time.Advance(ExperimentRunner.Lease * 2);
        await _bench.UntilOverAsync(runner, experiment.Id);

        Assert.Equal(CellState.Done, Assert.Single(await _bench.CellsAsync(experiment.Id)).State);
    }

    [Fact]
    public async Task Progress_TimeLeft_FollowsFromTheLastRunsAndHowManyRunAtOnce()
    {
        var experiment = await _bench.CreateAsync(cases: 6);
        _bench.Runs.Answer = request =>
        {
            if (request.Prompt == "case 2")
                _bench.Runs.Hold = new TaskCompletionSource();
            return request.Prompt;
        };
        var (runner, service) = Serve();
        await _bench.UntilAsync(runner, experiment.Id, (_, counts) => _bench.Runs.Hold is not null && counts.Running == 2 && counts.Done >= 2);

        var progress = (await service.GetProgressAsync(experiment.Id, ExperimentBench.Test))!;

        var open = progress.Counts.Pending + progress.Counts.Running;
        Assert.Equal(6, progress.Counts.Total);
        Assert.Equal(TimeSpan.FromSeconds((open + 1) / 2), progress.Remaining);
        Assert.Null(await service.GetProgressAsync(Guid.NewGuid(), ExperimentBench.Test));
        _bench.Runs.Hold!.SetResult();
        await _bench.UntilOverAsync(runner, experiment.Id);
    }

    [Fact]
    public async Task Delete_UnderWay_StopsItsRunsAndForgetsIt()
    {
        _bench.Runs.Hold = new TaskCompletionSource();
        var experiment = await _bench.CreateAsync(cases: 4);
        var (runner, service) = Serve();
        await _bench.UntilAsync(runner, experiment.Id, (_, counts) => counts.Running == 2 && _bench.Runs.Started == 2);

        Assert.True(await service.DeleteAsync(experiment.Id, ExperimentBench.Test));

        Assert.Equal(2, _bench.Runs.Stopped.Count);
        Assert.Null(await _bench.Store.FindAsync(experiment.Id, ExperimentBench.Test));
        Assert.False(await service.DeleteAsync(experiment.Id, ExperimentBench.Test));
    }

    private (ExperimentRunner Runner, ExperimentService Service) Serve()
    {
        var runner = _bench.Begin();
        runner.Start();
        return (runner, _bench.Serve(runner));
    }

    private async Task RunAsync(Experiment experiment)
    {
        var runner = _bench.Begin();
        runner.Start();
        await _bench.UntilOverAsync(runner, experiment.Id);
    }
}
