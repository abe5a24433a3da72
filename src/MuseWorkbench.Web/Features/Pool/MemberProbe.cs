using System.Collections.Immutable;
using System.Net;
using System.Text;
using System.Text.Json;
using MuseWorkbench.Agents.Pool;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Pool;

/// <summary>A server is not what a member has to be; the message is a sentence for the user.</summary>
internal sealed class ProbeException(string message, bool settled, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether asking again won't help until its settings change.</summary>
    public bool Settled => settled;
}

/// <summary>What a server turned out to be.</summary>
internal sealed record ProbedServer(MemberKind Kind, ImmutableArray<ModelInfo> Models, int? Rows);

/// <summary>Asks a server what it is and what it can do, rather than assuming it.</summary>
internal sealed class MemberProbe(HttpClient http, MemberOptions options)
{
    private const int LongestAnswer = 4 << 20;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>Reading a picture takes a model that is at work elsewhere a while.</summary>
    private static readonly TimeSpan s_patienceForPictures = TimeSpan.FromSeconds(60);

    /// <exception cref="ProbeException">It can't be a member, and why.</exception>
    public async Task<ProbedServer> AskAsync(CancellationToken cancellationToken)
    {
        var list = await GetAsync("v1/models", cancellationToken);
        if (list.ValueKind != JsonValueKind.Object || !list.TryGetProperty("data", out var data) || data.ValueKind != JsonValueKind.Array
            || data.EnumerateArray().Any(entry => entry.ValueKind != JsonValueKind.Object || Text(entry, "id") is null))
            throw Alien("its list of models is not one");
        var entries = data.EnumerateArray().ToArray();
        if (entries.Length == 0)
            throw new ProbeException("It serves no model yet.", settled: false);
        if (options.Model.Length > 0 && !entries.Any(entry => Text(entry, "id") == options.Model))
            throw new ProbeException($"It does not serve \"{options.Model}\"; it serves {string.Join(", ", entries.Take(8).Select(entry => Text(entry, "id")))}{(entries.Length > 8 ? " and more" : "")}.", settled: true);
        var chosen = entries.First(entry => options.Model.Length == 0 || Text(entry, "id") == options.Model);
        var kind = KindOf(chosen);
        return kind switch
        {
            MemberKind.Node => OfNode(chosen),
            MemberKind.LlamaServer => await OfLlamaServerAsync(chosen, cancellationToken),
            _ => await OfOtherAsync(kind, chosen, cancellationToken),
        };
    }

    private MemberKind KindOf(JsonElement model) => options.Kind switch
    {
        "node" => MemberKind.Node,
        "llama-server" => MemberKind.LlamaServer,
        "vllm" => MemberKind.Vllm,
        "sglang" => MemberKind.SGLang,
        "openai" => MemberKind.OpenAI,
        _ => Text(model, "owned_by") switch
        {
            "muse-workbench" => MemberKind.Node,
            "llamacpp" => MemberKind.LlamaServer,
            "vllm" => MemberKind.Vllm,
            "sglang" => MemberKind.SGLang,
            _ => MemberKind.OpenAI,
        },
    };

    private static ProbedServer OfNode(JsonElement model)
    {
        try
        {
            var info = model.TryGetProperty("meta", out var meta) ? meta.Deserialize<ModelInfo>(MuseJson.Options) : null;
            return info is not null
                ? new ProbedServer(MemberKind.Node, [info], info.MaxSequences)
                : throw new ProbeException("It says that it is an engine node, but not what its model can do.", settled: true);
        }
        catch (JsonException e)
        {
            throw new ProbeException("It is an engine node of another version: its model's description can't be read.", settled: true, e);
        }
    }

    private async Task<ProbedServer> OfLlamaServerAsync(JsonElement model, CancellationToken cancellationToken)
    {
        var props = await GetAsync("props", cancellationToken);
        var context = props.TryGetProperty("default_generation_settings", out var settings) ? Number(settings, "n_ctx") : null;
        var slots = Number(props, "total_slots");
        var vision = props.TryGetProperty("modalities", out var modalities) && modalities.ValueKind == JsonValueKind.Object
            && modalities.TryGetProperty("vision", out var sees) && sees.ValueKind == JsonValueKind.True;
        var meta = model.TryGetProperty("meta", out var found) && found.ValueKind == JsonValueKind.Object ? found : default;
        return new ProbedServer(MemberKind.LlamaServer,
        [
            new ModelInfo
            {
                Id = Text(model, "id")!, ContextLength = context ?? (meta.ValueKind == JsonValueKind.Object ? Number(meta, "n_ctx_train") : null) ?? int.MaxValue, Vision = vision,
                Parameters = meta.ValueKind == JsonValueKind.Object ? Long(meta, "n_params") : 0, SizeBytes = meta.ValueKind == JsonValueKind.Object ? Long(meta, "size") : 0, MaxSequences = slots ?? 0,
            },
        ], slots);
    }

    private async Task<ProbedServer> OfOtherAsync(MemberKind kind, JsonElement model, CancellationToken cancellationToken)
    {
        var id = Text(model, "id")!;
        return new ProbedServer(kind,
        [
            new ModelInfo { Id = id, ContextLength = Number(model, "max_model_len") ?? int.MaxValue, Vision = await SeesAsync(id, cancellationToken) },
        ], null);
    }

    /// <summary>Whether it takes a picture: nobody's list of models says so, so it is shown one.</summary>
    private async Task<bool> SeesAsync(string model, CancellationToken cancellationToken)
    {
        var body = new
        {
            model,
            max_tokens = 1,
            messages = new[] { new { role = "user", content = new object[] { new { type = "image_url", image_url = new { url = Picture } }, new { type = "text", text = "?" } } } },
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, Address("v1/chat/completions"))
        {
            Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json"),
        };
        using var response = await SendAsync(request, s_patienceForPictures, cancellationToken);
        return response.IsSuccessStatusCode;
    }

    private async Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Address(path));
        using var response = await SendAsync(request, s_patience, cancellationToken);
        if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
            throw new ProbeException(options.Key.Length > 0 ? "It did not accept the key." : "It wants a key.", settled: true);
        if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
            throw new ProbeException("It is not ready yet.", settled: false);
        if (response.StatusCode != HttpStatusCode.OK)
            throw new ProbeException($"It answered {request.RequestUri!.AbsolutePath} with HTTP status {(int)response.StatusCode}: it may be no OpenAI-compatible server.", settled: false);
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            var bytes = new byte[LongestAnswer];
            var length = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).AsTask().WaitAsync(s_patience, cancellationToken);
            return JsonElement.Parse(bytes.AsSpan(0, length));
        }
        catch (JsonException e)
        {
            throw Alien("it does not answer in JSON", e);
        }
        catch (TimeoutException e)
        {
            throw new ProbeException("It did not finish its answer in time.", settled: false, e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new ProbeException("The connection was lost while it answered.", settled: false, e);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(patience);
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, late.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ProbeException($"It did not answer within {patience.TotalSeconds:0} s.", settled: false, e);
        }
        catch (HttpRequestException e)
        {
            throw new ProbeException(Unreached(e), settled: false, e);
        }
    }

    private string Unreached(HttpRequestException failure) => failure.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => $"There is no host \"{new Uri(options.Url).Host}\".",
        HttpRequestError.SecureConnectionError => "No secure connection could be made.",
        HttpRequestError.ConnectionError => "It can't be reached: the connection was refused or timed out.",
        _ => "It answers, but not like an HTTP server.",
    };

    private static ProbeException Alien(string how, Exception? inner = null) => new($"It answers, but not like an OpenAI-compatible server: {how}.", settled: false, inner);

    private Uri Address(string path) => MemberAddress.Of(options.Url, path);

    private static string? Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static int? Number(JsonElement parent, string name) => Long(parent, name) is > 0 and var value ? (int)Math.Min(int.MaxValue, value) : null;

    private static long Long(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var whole) ? whole : 0;

    /// <summary>A grey square of 28 pixels a side: the smallest that the patch grids of current models take.</summary>
    public const string Picture = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAABwAAAAcCAIAAAD9b0jDAAAAKElEQVR42mNsaGhgoDZgYqABGDV01NBRQ0cNHTV01NBRQ0cNHXyGAgD9bgG49E5a1gAAAABJRU5ErkJggg==";
}

/// <summary>Addresses below a server's base address, with or without <c>/v1</c>.</summary>
internal static class MemberAddress
{
    public static Uri Of(string url, string path)
    {
        var root = url.TrimEnd('/');
        if (root.EndsWith("/v1", StringComparison.Ordinal))
            root = root[..^3];
        return new Uri($"{root}/{path}");
    }
}
