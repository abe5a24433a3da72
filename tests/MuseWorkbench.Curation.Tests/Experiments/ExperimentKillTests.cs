using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Tests.Experiments;

/// <summary>The process is killed, another begins over the same store: every attempt has one result, whenever that was.</summary>
public sealed class ExperimentKillTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Kill_BetweenAnyTwoSteps_EveryAttemptHasOneResultAndOneRun(bool runsEndAtOnce)
    {
        await using var bench = await ExperimentBench.StartAsync();
        bench.Options.Parallel = 1;
        bench.Runs.EndsAtOnce = runsEndAtOnce;
        var survived = false;
        for (var cutAfter = 1; !survived; cutAfter++)
        {
            var experiment = await bench.CreateAsync(cases: 2);
            var power = new Power(cutAfter);
            var doomed = bench.Begin(power);
            doomed.Start();
            await bench.UntilOverAsync(doomed, experiment.Id, power.Cut);
            survived = !power.Cut.IsCompleted;
            bench.Runs.Crash();

            var next = bench.Begin();
            next.Start();
            await bench.UntilOverAsync(next, experiment.Id);
            await next.DisposeAsync();

            var cells = await bench.CellsAsync(experiment.Id);
            Assert.All(cells, cell => Assert.Equal((CellState.Done, 1.0), (cell.State, cell.Result!.Score)));
            Assert.Equal(
                cells.Select(cell => cell.RunId!.Value).Order(),
                bench.Runs.Kept.Where(run => run.Request.Experiment!.Id == experiment.Id).Select(run => run.Id).Order());
            Assert.True(cutAfter < 200, "It never came to its end.");
        }
    }

    [Fact]
    public async Task Kill_FiftyTimesAtRandom_ThousandAttemptsThousandResults()
    {
        await using var bench = await ExperimentBench.StartAsync();
        bench.Options.Parallel = 4;
        var experiment = await bench.CreateAsync(cases: 125, repeats: 4, "A", "B");
        var random = new Random(20261126);
        for (var kill = 0; kill < 50; kill++)
        {
            bench.Runs.EndsAtOnce = random.Next(2) == 0;
            var power = new Power(random.Next(1, 160));
            var doomed = bench.Begin(power);
            doomed.Start();
            await power.Cut.WaitAsync(TimeSpan.FromMinutes(2), ExperimentBench.Test);
            bench.Runs.Crash();
        }

        var last = bench.Begin();
        last.Start();
        await bench.UntilOverAsync(last, experiment.Id);

        var cells = await bench.CellsAsync(experiment.Id);
        Assert.Equal(1000, cells.Select(cell => (cell.Team, cell.Case, cell.Repeat)).Distinct().Count());
        Assert.Equal(1000, cells.Length);
        Assert.All(cells, cell => Assert.Equal((CellState.Done, 1.0, $"case {cell.Case}"), (cell.State, cell.Result!.Score, cell.Result.Answer)));
        Assert.Equal(cells.Select(cell => cell.RunId!.Value).Order(), bench.Runs.Kept.Select(run => run.Id).Order());
        Assert.Equal(0, last.ActiveCells);
    }
}
