using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Options;
using MuseWorkbench.Agents.Telemetry;
using MuseWorkbench.Data;
using MuseWorkbench.Telemetry;
using MuseWorkbench.Web.Access;
using MuseWorkbench.Web.Features.Cases;
using MuseWorkbench.Web.Features.Cases.Exchange;
using MuseWorkbench.Web.Features.Compare;
using MuseWorkbench.Web.Features.Engine;
using MuseWorkbench.Web.Features.Experiments;
using MuseWorkbench.Web.Features.Tradeoffs;
using MuseWorkbench.Web.Features.Pool;
using MuseWorkbench.Web.Features.Runs;
using MuseWorkbench.Web.Features.Teams;
using MuseWorkbench.Web.Features.Workbench;
using MuseWorkbench.Web.Hosting;
using Radzen;

namespace MuseWorkbench.Web;

/// <summary>The composition root.</summary>
public static class WebHost
{
    /// <summary>Runs the workbench until it is told to stop; 1 where it can't start, with the reason on standard error.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            await using var app = Create(args);
            await app.StartAsync();
            StartMessage.Print(app, Console.Out);
            await app.WaitForShutdownAsync();
            return 0;
        }
        catch (Exception e) when (StartMessage.Explain(e) is { } reason)
        {
            await Console.Error.WriteLineAsync(reason);
            return 1;
        }
    }

    /// <summary>Builds the application; <paramref name="configure"/> has the last word over its settings and services.</summary>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = args,
            ApplicationName = typeof(WebHost).Assembly.GetName().Name, // tests start it, too
            ContentRootPath = Places.FindContentRoot(),
        });
        // What "tune" found out goes over the settings, and under what is said at start.
        var settings = builder.Configuration.Sources.OfType<JsonConfigurationSource>().LastOrDefault();
        builder.Configuration.Sources.Insert(
            settings is null ? 0 : builder.Configuration.Sources.IndexOf(settings) + 1, new JsonConfigurationSource { Path = "appsettings.tuned.json", Optional = true, ReloadOnChange = true });
        builder.WebHost.UseStaticWebAssets();
        builder.UseDefaultAddress();
        // A start that fails is told once, by whoever started it.
        var started = false;
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => level >= LogLevel.Information && Volatile.Read(ref started));
        // The keys lie in the owner's data directory, readable by the owner alone: no second lock on them.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        builder.AddOtlpExport("muse-workbench", typeof(WebHost).Assembly.GetName().Version?.ToString(3) ?? "", AgentTelemetry.SourceName);
        builder.AddAccess();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<Places>();
        builder.AddEngineNode();
        builder.AddPool();
        builder.AddImages();
        builder.Services.AddMuseData(services => services.GetRequiredService<Places>().Data, _ => builder.Configuration["Data:Connection"]);
        builder.AddRuns();
        builder.AddTeams();
        builder.AddCases();
        builder.AddExperiments();
        builder.AddTradeoffs();
        builder.AddCompare();
        builder.Services.AddOpenApi();
        builder.Services.AddDataProtection().SetApplicationName("MuseWorkbench");
        builder.Services.AddSingleton<IConfigureOptions<Microsoft.AspNetCore.DataProtection.KeyManagement.KeyManagementOptions>, KeysInDataDirectory>();
        builder.Services.AddRazorComponents().AddInteractiveServerComponents();
        builder.Services.AddRadzenComponents();
        configure?.Invoke(builder);

        var app = builder.Build();
        app.Services.GetRequiredService<Places>().CheckData();
        app.Lifetime.ApplicationStarted.Register(() => Volatile.Write(ref started, true));
        app.UseAccess();
        app.UseAntiforgery();
        app.MapStaticAssets();
        app.MapImages();
        app.MapRuns();
        app.MapTeams();
        app.MapDatasets();
        app.MapCaseFiles();
        app.MapExperiments();
        app.MapPool();
        app.MapOpenApi();
        // Framing is forbidden by the headers every answer carries.
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = null);
        return app;
    }
}
