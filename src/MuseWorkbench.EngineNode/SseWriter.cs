using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;

namespace MuseWorkbench.EngineNode;

/// <summary>Writes server-sent events. Nothing leaves before <see cref="FlushAsync"/>, so that events at hand travel together.</summary>
internal sealed class SseWriter
{
    private readonly PipeWriter _body;
    private readonly CancellationToken _clientGone;
    private readonly JsonSerializerOptions _json;

    private SseWriter(HttpContext context, JsonSerializerOptions json)
    {
        _body = context.Response.BodyWriter;
        _clientGone = context.RequestAborted;
        _json = json;
    }

    /// <summary>Begins the reply; from here on errors can only be events.</summary>
    public static SseWriter Start(HttpContext context, JsonSerializerOptions json)
    {
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        // Proxies that buffer would turn a stream into a lump.
        context.Response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        return new SseWriter(context, json);
    }

    public void Data<T>(T value)
    {
        _body.Write("data: "u8);
        using (var json = new Utf8JsonWriter(_body, new JsonWriterOptions { Encoder = _json.Encoder }))
        {
            JsonSerializer.Serialize(json, value, _json);
        }

        _body.Write("\n\n"u8);
    }

    public void Event<T>(string name, T value)
    {
        Raw($"event: {name}\n");
        Data(value);
    }

    /// <summary>A data line that is not JSON.</summary>
    public void DataText(string text) => Raw($"data: {text}\n\n");

    /// <summary>A comment, which readers pass over: keeps the connection open and shows that it is.</summary>
    public void Heartbeat() => Raw(": heartbeat\n\n");

    /// <exception cref="OperationCanceledException">The client is gone.</exception>
    public async ValueTask FlushAsync()
    {
        var result = await _body.FlushAsync(_clientGone);
        if (result.IsCompleted)
        {
            throw new OperationCanceledException("The client is gone.");
        }
    }

    private void Raw(string text) => Encoding.UTF8.GetBytes(text, _body);
}
