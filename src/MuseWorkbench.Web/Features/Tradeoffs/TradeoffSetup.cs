using MuseWorkbench.Curation.Tradeoffs;

namespace MuseWorkbench.Web.Features.Tradeoffs;

/// <summary>Sweeps as a job of this host.</summary>
internal static class TradeoffSetup
{
    /// <summary>After experiments, whose way to run a case it uses.</summary>
    public static void AddTradeoffs(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ISweepStore, SweepFolder>();
        builder.Services.AddSingleton<SweepRunner>();
        builder.Services.AddHostedService<SweepHost>();
    }

    /// <summary>The runner lives as long as the host serves.</summary>
    private sealed class SweepHost(SweepRunner runner) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            runner.Start();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => runner.DisposeAsync().AsTask();
    }
}
