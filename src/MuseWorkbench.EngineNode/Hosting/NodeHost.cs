using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Console;
using MuseWorkbench.EngineNode.Chat;
using MuseWorkbench.EngineNode.Errors;
using MuseWorkbench.EngineNode.Images;
using MuseWorkbench.EngineNode.Security;
using MuseWorkbench.EngineNode.Telemetry;
using MuseWorkbench.Telemetry;

namespace MuseWorkbench.EngineNode.Hosting;

/// <summary>Puts a node together and runs it.</summary>
internal static class NodeHost
{
    /// <summary>Prefix of environment variables: <c>MUSE_NODE_KEY</c>, <c>MUSE_NODE_URLS</c>, <c>MUSE_NODE_Engine__Model</c>.</summary>
    public const string EnvironmentPrefix = "MUSE_NODE_";

    /// <summary>Runs a node to its end.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args, NodeProcess process, Action<WebApplicationBuilder> configure)
    {
        WebApplication app;
        try
        {
            app = Create(args, process, configure);
        }
        catch (Exception error) when (error is NodeStartException or FormatException or InvalidOperationException)
        {
            new NodeEvents(process.Events).Failed(error.Message);
            return ExitCodes.CannotStart;
        }

        await using (app)
        {
            var lifetime = app.Services.GetRequiredService<NodeLifetime>();
            var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(NodeHost));
            if (app.Configuration.GetValue<bool>("Engine:ExitWithParent"))
            {
                ParentWatch.Start(process, logger);
            }

            try
            {
                await app.StartAsync();
                await app.WaitForShutdownAsync();
            }
            catch (Exception error) when (error is IOException or InvalidOperationException or OperationCanceledException)
            {
                // Mostly an address in use or not ours.
                logger.NodeCannotStart(error);
                lifetime.Fail(ExitCodes.CannotStart, $"The node could not listen: {error.Message}");
            }

            return lifetime.ExitCode;
        }
    }

    /// <exception cref="NodeStartException">The options are wrong.</exception>
    public static WebApplication Create(string[] args, NodeProcess process, Action<WebApplicationBuilder> configure)
    {
        // Empty: no appsettings.json and no general environment variables, which may be meant for another program
        // that lies beside this one. What counts comes from the parent, by the command line and MUSE_NODE_*.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = typeof(NodeHost).Assembly.GetName().Name });
        builder.Configuration.AddEnvironmentVariables(EnvironmentPrefix).AddOtlpVariables().AddCommandLine(args);
        var key = new ApiKey(builder.Configuration["KEY"]);
        var addresses = BindAddresses.Parse(builder.Configuration["urls"], key);

        builder.WebHost.UseKestrelCore().UseUrls(addresses.Urls).ConfigureKestrel(Limit);
        AddLogging(builder);
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(key).AddSingleton(addresses);
        builder.Services.AddSingleton(new NodeEvents(process.Events));
        builder.Services.AddSingleton<NodeLifetime>().AddSingleton<EngineSlot>().AddSingleton<ImageIntake>();
        builder.Services.AddSingleton<RequestMetrics>().AddSingleton<ChatTelemetry>().AddSingleton<EngineInstruments>().AddSingleton<ChatEndpoint>();
        builder.AddOtlpExport("muse-engine-node", Build.Version, ChatTelemetry.SourceName);
        builder.Services.AddHostedService<EngineService>();
        // A little more than requests get, so that those cut off can still say why.
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = NodeLifetime.DrainTime + TimeSpan.FromSeconds(3));
        builder.Services.Configure<ConsoleLifetimeOptions>(options => options.SuppressStatusMessages = true);
        configure(builder);

        var app = builder.Build();
        app.Services.GetRequiredService<EngineInstruments>(); // they are read, nobody asks for them
        app.UseMiddleware<ErrorMiddleware>();
        app.UseMiddleware<GateMiddleware>();
        app.UseRouting();
        app.MapNode();
        return app;
    }

    private static void Limit(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = ApiLimits.BodyBytes;
        kestrel.Limits.MaxConcurrentConnections = 1024;
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
    }

    private static void AddLogging(WebApplicationBuilder builder)
    {
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddConsole(console =>
        {
            console.FormatterName = LineFormatter.FormatterName;
            console.LogToStandardErrorThreshold = LogLevel.Trace; // standard output belongs to the events
        });
        builder.Logging.AddConsoleFormatter<LineFormatter, ConsoleFormatterOptions>();
    }
}
