using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MuseWorkbench.Core;
using MuseWorkbench.Data.Cases;
using MuseWorkbench.Data.Experiments;
using MuseWorkbench.Data.Runs;
using MuseWorkbench.Data.Storage;

namespace MuseWorkbench.Data;

/// <summary>Registers what is kept on disk.</summary>
public static class DataServices
{
    /// <summary>Adds <see cref="IRunStore"/>, <see cref="IRunCatalog"/>, <see cref="ICaseStore"/> and <see cref="IExperimentStore"/> over <c>runs.db</c> in a folder, or over PostgreSQL; opened when the host starts, before it serves.</summary>
    /// <param name="services">The host's.</param>
    /// <param name="folder">Where files lie.</param>
    /// <param name="connection">Connection string of a PostgreSQL database; empty for the file.</param>
    public static IServiceCollection AddMuseData(this IServiceCollection services, Func<IServiceProvider, string> folder, Func<IServiceProvider, string?>? connection = null)
    {
        services.AddSingleton<RunDatabase>(s => connection?.Invoke(s) is { Length: > 0 } postgres
            ? new PostgresDatabase(postgres, s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<RunDatabase>>())
            : new SqliteDatabase(folder(s), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<RunDatabase>>()));
        services.AddSingleton<RunStore>();
        services.AddSingleton<IRunStore>(s => s.GetRequiredService<RunStore>());
        services.AddSingleton<IHostedService>(s => s.GetRequiredService<RunStore>());
        services.AddSingleton<IRunCatalog, RunCatalog>();
        services.AddSingleton<ICaseStore, CaseStore>();
        services.AddSingleton<IExperimentStore, ExperimentStore>();
        return services;
    }
}
