using System.Collections;
using System.Runtime.CompilerServices;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace MuseWorkbench.Telemetry;

/// <summary>Sends spans and metrics by OTLP where OpenTelemetry's standard variables say so. Without them nothing of its SDK is loaded.</summary>
internal static class OtlpExport
{
    private const string Prefix = "OTEL_";

    /// <summary>Adds the environment's <c>OTEL_…</c> variables to a configuration that does not take the whole environment.</summary>
    public static IConfigurationBuilder AddOtlpVariables(this IConfigurationBuilder configuration) =>
        configuration.AddInMemoryCollection(
            from DictionaryEntry variable in Environment.GetEnvironmentVariables()
            where ((string)variable.Key).StartsWith(Prefix, StringComparison.Ordinal)
            select KeyValuePair.Create((string)variable.Key, (string?)variable.Value));

    /// <param name="service">The process's <c>service.name</c>, unless the variables give another.</param>
    /// <param name="sources">Names of activity sources and meters alike.</param>
    public static void AddOtlpExport(this IHostApplicationBuilder builder, string service, string version, params string[] sources)
    {
        var (traces, metrics) = (IsWanted(builder.Configuration, "TRACES"), IsWanted(builder.Configuration, "METRICS"));
        if (traces || metrics)
        {
            Add(builder.Services, service, version, sources, traces, metrics);
        }
    }

    /// <summary>Whether an endpoint is set, for all signals or for this one, and nothing turns it off.</summary>
    private static bool IsWanted(IConfiguration settings, string signal) =>
        !(string.IsNullOrWhiteSpace(settings["OTEL_EXPORTER_OTLP_ENDPOINT"]) && string.IsNullOrWhiteSpace(settings[$"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"]))
        && !string.Equals(settings[$"OTEL_{signal}_EXPORTER"], "none", StringComparison.OrdinalIgnoreCase)
        && !string.Equals(settings["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase);

    // Apart, so that the SDK's assemblies are loaded when this is called and not before.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Add(IServiceCollection services, string service, string version, string[] sources, bool traces, bool metrics)
    {
        var telemetry = services.AddOpenTelemetry();
        // The variables last: they have the last word.
        telemetry.ConfigureResource(resource => resource.Clear().AddService(service, serviceNamespace: "muse-workbench", serviceVersion: version).AddTelemetrySdk().AddEnvironmentVariableDetector());
        if (traces)
        {
            telemetry.WithTracing(tracing => tracing.AddSource(sources));
        }

        if (metrics)
        {
            telemetry.WithMetrics(metering => metering.AddMeter(sources));
        }

        telemetry.UseOtlpExporter();
    }
}
