using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Engine;

/// <summary>The HTTP side of one node process. Not disposed when the process ends: who still reads from it gets the connection's error.</summary>
internal sealed class NodeConnection
{
    public NodeConnection(Uri url, string key, ModelInfo? model = null, HttpClient? http = null)
    {
        (Url, Key, Model) = (url, key, model);
        // No proxy: the node is on this machine. No time limit: streams last as long as they last.
        Http = http ?? new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })
        {
            BaseAddress = url,
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) },
        };
    }

    public Uri Url { get; }
    public string Key { get; }

    /// <summary>Knows address and key of the node.</summary>
    public HttpClient Http { get; }

    /// <summary>What it serves; null until it said so.</summary>
    public ModelInfo? Model { get; }

    public async Task<NodeConnection> WithModelAsync(CancellationToken cancellationToken)
    {
        var list = await Http.GetFromJsonAsync<ModelList>("v1/models", MuseJson.Options, cancellationToken);
        return new NodeConnection(Url, Key, (list?.Data is [var first, ..] ? first.Meta : null) ?? throw new JsonException("The node lists no model."), Http);
    }

    public async Task<IReadOnlyList<EngineSequence>> GetSequencesAsync(CancellationToken cancellationToken) =>
        await Http.GetFromJsonAsync<List<EngineSequence>>("slots", MuseJson.Options, cancellationToken) ?? [];

    public async IAsyncEnumerable<EngineSnapshot> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var stream = await Http.GetStreamAsync("telemetry/stream", cancellationToken);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(cancellationToken))
        {
            if (item.EventType == "snapshot" && JsonSerializer.Deserialize<EngineSnapshot>(item.Data, MuseJson.Options) is { } snapshot)
            {
                yield return snapshot;
            }
        }
    }

    private sealed record ModelList(IReadOnlyList<ModelEntry>? Data);

    private sealed record ModelEntry(string Id, ModelInfo? Meta);
}
