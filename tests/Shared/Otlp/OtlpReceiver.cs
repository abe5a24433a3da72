using System.Collections.Immutable;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MuseWorkbench.Tests.Otlp;

/// <summary>A collector that takes OTLP over HTTP in protobuf, as any other would.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private ImmutableList<OtlpSpan> _spans = [];
    private ImmutableList<OtlpPoint> _points = [];
    private TaskCompletionSource _arrived = NewSignal();

    private OtlpReceiver(WebApplication app) => _app = app;

    /// <summary>The settings that make a process send here, soon.</summary>
    public string[] Settings =>
    [
        $"--OTEL_EXPORTER_OTLP_ENDPOINT={_app.Urls.First()}", "--OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
        "--OTEL_METRIC_EXPORT_INTERVAL=100", "--OTEL_BSP_SCHEDULE_DELAY=50",
    ];

    public static async Task<OtlpReceiver> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var receiver = new OtlpReceiver(app);
        app.Run(receiver.TakeAsync);
        await app.StartAsync(cancellationToken);
        return receiver;
    }

    /// <summary>The spans so chosen, once there are so many.</summary>
    public Task<IReadOnlyList<OtlpSpan>> SpansAsync(int count, Func<OtlpSpan, bool> chosen, CancellationToken cancellationToken) =>
        WaitAsync<OtlpSpan>(() => [.. _spans.Where(chosen)], found => found.Count >= count, cancellationToken);

    /// <summary>The latest point so chosen.</summary>
    public async Task<OtlpPoint> PointAsync(Func<OtlpPoint, bool> chosen, CancellationToken cancellationToken) =>
        (await WaitAsync<OtlpPoint>(() => [.. _points.Where(chosen)], found => found.Count > 0, cancellationToken))[^1];

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task<IReadOnlyList<T>> WaitAsync<T>(Func<IReadOnlyList<T>> read, Func<IReadOnlyList<T>, bool> enough, CancellationToken cancellationToken)
    {
        while (true)
        {
            var arrived = Volatile.Read(ref _arrived).Task;
            var found = read();
            if (enough(found))
            {
                return found;
            }

            await arrived.WaitAsync(cancellationToken);
        }
    }

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        if (context.Request.ContentType != "application/x-protobuf")
        {
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }

        var export = new ProtoMessage(body.ToArray());
        switch (context.Request.Path.Value)
        {
            case "/v1/traces":
                ImmutableInterlocked.Update(ref _spans, (all, more) => all.AddRange(more), OtlpSpan.Read(export).ToList());
                break;
            case "/v1/metrics":
                ImmutableInterlocked.Update(ref _points, (all, more) => all.AddRange(more), OtlpPoint.Read(export).ToList());
                break;
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
        }

        context.Response.ContentType = "application/x-protobuf";
        Interlocked.Exchange(ref _arrived, NewSignal()).SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
