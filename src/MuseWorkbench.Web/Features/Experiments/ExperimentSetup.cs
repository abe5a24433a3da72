using Microsoft.Extensions.Options;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Experiments;
using MuseWorkbench.Curation.Experiments.Reports;
using MuseWorkbench.Curation.Experiments.Results;

namespace MuseWorkbench.Web.Features.Experiments;

/// <summary>Experiments as a job of this host.</summary>
internal static class ExperimentSetup
{
    /// <summary>After runs: those that were cut off have their end before experiments look at them.</summary>
    public static void AddExperiments(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<ExperimentOptions>().Bind(builder.Configuration.GetSection("Experiments"))
            .Validate(o => o.Parallel is >= 1 and <= ExperimentOptions.MostParallel, $"Experiments:Parallel must be between 1 and {ExperimentOptions.MostParallel}.")
            .Validate(o => o.PauseAfterErrors >= 0, "Experiments:PauseAfterErrors must be 0 or more.")
            .ValidateOnStart();
        services.AddSingleton<ICellRuns, CellRuns>();
        services.AddSingleton<ExperimentPlanner>();
        services.AddSingleton(s => new ExperimentRunner(
            s.GetRequiredService<IExperimentStore>(), s.GetRequiredService<ICellRuns>(), s.GetRequiredService<IOptions<ExperimentOptions>>().Value,
            s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<ExperimentRunner>>()));
        services.AddSingleton<ExperimentService>();
        services.AddSingleton<ExperimentRescoring>();
        services.AddSingleton<ExperimentScaling>();
        services.AddSingleton<ExperimentReports>();
        services.AddSingleton<ExperimentIntake>();
        services.AddHostedService<ExperimentHost>();
    }

    /// <summary>The runner lives as long as the host serves.</summary>
    private sealed class ExperimentHost(ExperimentRunner runner) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            runner.Start();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => runner.DisposeAsync().AsTask();
    }
}
