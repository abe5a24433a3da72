using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Experiments;
using MuseWorkbench.Data;

namespace MuseWorkbench.Curation.Tests.Experiments;

/// <summary>Experiments over a real database file and scripted runs; the process that runs them can be killed and another begun.</summary>
internal sealed class ExperimentBench : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("muse-experiments-");
    private readonly ServiceProvider _services;
    private readonly List<ExperimentRunner> _runners = [];

    private ExperimentBench()
    {
        _services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(Time).AddMuseData(_ => _folder.FullName).BuildServiceProvider();
    }

    public static CancellationToken Test => TestContext.Current.CancellationToken;

    public FakeTimeProvider Time { get; } = new();
    public ScriptedCells Runs { get; } = new();
    public ExperimentOptions Options { get; } = new() { Parallel = 2 };
    public IExperimentStore Store => _services.GetRequiredService<IExperimentStore>();
    public ICaseStore Cases => _services.GetRequiredService<ICaseStore>();

    public ExperimentPlanner Planner => new(Store, Cases, Runs, Time);

    public static async Task<ExperimentBench> StartAsync()
    {
        var bench = new ExperimentBench();
        foreach (var service in bench._services.GetServices<IHostedService>())
            await service.StartAsync(Test);
        return bench;
    }

    public static ExperimentTeam Team(string name, int agents = 1) => new(
        new TeamSpec { Name = name, Agents = [.. Enumerable.Range(1, agents).Select(n => new AgentSpec { Name = $"Agent {n}" })] }, $"hash of {name} with {agents}");

    public static Case Case(string id, string? expected = null) => new() { Id = id, Prompt = id, Expected = expected ?? id };

    /// <summary>A published dataset of these cases.</summary>
    public async Task<Guid> PublishAsync(params Case[] cases)
    {
        var (dataset, _) = await Cases.CreateAsync("Dataset", new CaseBatch(cases), Test);
        await Cases.PublishAsync(dataset.Id, "", Test);
        return dataset.Id;
    }

    /// <summary>An experiment whose runs are right: each answers its prompt, which is what is expected.</summary>
    public async Task<Experiment> CreateAsync(int cases, int repeats = 1, params string[] teams)
    {
        var dataset = await PublishAsync([.. Enumerable.Range(0, cases).Select(i => Case($"case {i}"))]);
        return await CreateAsync(new ExperimentDraft { DatasetId = dataset, Repeats = repeats, SeedBase = 1, Teams = [.. (teams.Length == 0 ? ["A"] : teams).Select(name => Team(name))] });
    }

    public Task<Experiment> CreateAsync(ExperimentDraft draft) => Planner.CreateAsync(draft, Test);

    /// <summary>A process that runs experiments, until it is cut off.</summary>
    public ExperimentRunner Begin(Power? power = null)
    {
        var runner = power is null
            ? new ExperimentRunner(Store, Runs, Options, Time, NullLogger<ExperimentRunner>.Instance)
            : new ExperimentRunner(new PoweredStore(Store, power), new PoweredCells(Runs, power), Options, Time, NullLogger<ExperimentRunner>.Instance);
        if (power is null)
            _runners.Add(runner); // one without power never comes to its end
        return runner;
    }

    public ExperimentService Serve(ExperimentRunner runner) => new(Store, Planner, runner);

    /// <summary>Waits until a condition holds after some change, or the power went; fails if nothing changes any more.</summary>
    public async Task UntilAsync(ExperimentRunner runner, Guid experiment, Func<Experiment, ExperimentCounts, bool> condition, Task? orElse = null)
    {
        var changed = new SemaphoreSlim(1);
        void Tell(Guid id) => changed.Release();
        void Started() => changed.Release();
        runner.Changed += Tell;
        Runs.RunStarted += Started;
        try
        {
            while (orElse?.IsCompleted != true)
            {
                if (condition((await Store.FindAsync(experiment, Test))!, (await Store.CountAsync(experiment, Test))!))
                    return;
                var told = changed.WaitAsync(TimeSpan.FromMinutes(2), Test);
                if (await Task.WhenAny(told, orElse ?? told) == told && !await told)
                    throw new TimeoutException($"Nothing has changed for two minutes: {await Store.FindAsync(experiment, Test)}, {await Store.CountAsync(experiment, Test)}.");
            }
        }
        finally
        {
            runner.Changed -= Tell;
            Runs.RunStarted -= Started;
        }
    }

    public Task UntilOverAsync(ExperimentRunner runner, Guid experiment, Task? orElse = null) =>
        UntilAsync(runner, experiment, (e, _) => e.State == ExperimentState.Completed, orElse);

    public async Task<ImmutableArray<ExperimentCell>> CellsAsync(Guid experiment) => [.. await Store.ReadCellsAsync(experiment, Test).ToListAsync(Test)];

    public async ValueTask DisposeAsync()
    {
        foreach (var runner in _runners)
            await runner.DisposeAsync();
        await _services.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
