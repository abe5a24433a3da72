using System.Net;
using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace MuseWorkbench.Agents.Clients;

/// <summary>
/// A chat completion request's body, written straight to the connection: with images it can be large, and many agents
/// send the same ones at once.
/// </summary>
internal sealed class ChatRequestContent : HttpContent
{
    /// <summary>An additional property that says that the last message is the beginning of the reply.</summary>
    public const string Continues = "continue_final_message";

    // Data URIs are base64: the default encoder would escape every '+'.
    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly IReadOnlyList<ChatMessage> _messages;
    private readonly ChatOptions? _chat;
    private readonly OpenAIChatClientOptions _settings;

    public ChatRequestContent(IReadOnlyList<ChatMessage> messages, ChatOptions? chat, OpenAIChatClientOptions settings)
    {
        _messages = messages;
        _chat = chat;
        _settings = settings;
        Headers.ContentType = new MediaTypeHeaderValue("application/json");
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await using var json = new Utf8JsonWriter(stream, s_json);
        json.WriteStartObject();
        json.WriteString("model", _chat?.ModelId ?? _settings.Model);
        json.WriteBoolean("stream", true);
        json.WriteStartObject("stream_options");
        json.WriteBoolean("include_usage", true);
        json.WriteEndObject();
        WriteOptions(json);
        json.WriteStartArray("messages");
        foreach (var message in _messages)
        {
            WriteMessage(json, message);
            await json.FlushAsync(cancellationToken);
        }
        json.WriteEndArray();
        json.WriteEndObject();
        await json.FlushAsync(cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    private void WriteOptions(Utf8JsonWriter json)
    {
        if (_settings.LlamaParameters)
        {
            json.WriteBoolean("return_progress", true);
            json.WriteBoolean("return_prompt", true);
        }
        if (_chat is null)
            return;
        WriteNumber(json, "temperature", _chat.Temperature);
        WriteNumber(json, "top_p", _chat.TopP);
        WriteNumber(json, "frequency_penalty", _chat.FrequencyPenalty);
        WriteNumber(json, "presence_penalty", _chat.PresencePenalty);
        if (_chat.Seed is { } seed)
            json.WriteNumber("seed", seed);
        if (_chat.MaxOutputTokens is { } most)
            json.WriteNumber("max_tokens", most);
        if (_chat.StopSequences is { Count: > 0 } stops)
        {
            json.WriteStartArray("stop");
            foreach (var stop in stops)
                json.WriteStringValue(stop);
            json.WriteEndArray();
        }
        WriteTools(json);
        WriteFormat(json);
        // As vLLM wants it; llama-server goes on with an assistant's last message by itself.
        if (_chat.AdditionalProperties?.ContainsKey(Continues) == true)
        {
            json.WriteBoolean(Continues, true);
            json.WriteBoolean("add_generation_prompt", false);
        }
        if (!_settings.LlamaParameters)
            return;
        if (_chat.TopK is { } topK)
            json.WriteNumber("top_k", topK);
        foreach (var (name, value) in _chat.AdditionalProperties ?? [])
        {
            if (name == Continues)
                continue;
            json.WritePropertyName(name);
            JsonSerializer.Serialize(json, value);
        }
    }

    private void WriteTools(Utf8JsonWriter json)
    {
        if (_chat?.Tools is not { Count: > 0 } tools)
            return;
        json.WriteStartArray("tools");
        foreach (var tool in tools.OfType<AIFunctionDeclaration>())
        {
            json.WriteStartObject();
            json.WriteString("type", "function");
            json.WriteStartObject("function");
            json.WriteString("name", tool.Name);
            json.WriteString("description", tool.Description);
            json.WritePropertyName("parameters");
            tool.JsonSchema.WriteTo(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (_chat.ToolMode is RequiredChatToolMode)
            json.WriteString("tool_choice", "required");
    }

    private void WriteFormat(Utf8JsonWriter json)
    {
        if (_chat?.ResponseFormat is not ChatResponseFormatJson { Schema: { } schema } format)
            return;
        json.WriteStartObject("response_format");
        json.WriteString("type", "json_schema");
        json.WriteStartObject("json_schema");
        json.WriteString("name", format.SchemaName);
        json.WritePropertyName("schema");
        schema.WriteTo(json);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    // A float widened to double would be sent as 0.699999988079071.
    private static void WriteNumber(Utf8JsonWriter json, string name, float? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
    }

    private static void WriteMessage(Utf8JsonWriter json, ChatMessage message)
    {
        json.WriteStartObject();
        json.WriteString("role", message.Role.Value);
        if (message.Contents.OfType<FunctionResultContent>().FirstOrDefault() is { } result)
        {
            json.WriteString("tool_call_id", result.CallId);
            json.WriteString("content", result.Result as string);
        }
        else if (message.Contents.All(c => c is not DataContent))
        {
            json.WriteString("content", message.Text);
        }
        else
        {
            json.WriteStartArray("content");
            foreach (var content in message.Contents)
                WritePart(json, content);
            json.WriteEndArray();
        }
        WriteCalls(json, message);
        json.WriteEndObject();
    }

    private static void WriteCalls(Utf8JsonWriter json, ChatMessage message)
    {
        var calls = message.Contents.OfType<FunctionCallContent>().ToArray();
        if (calls.Length == 0)
            return;
        json.WriteStartArray("tool_calls");
        foreach (var call in calls)
        {
            json.WriteStartObject();
            json.WriteString("id", call.CallId);
            json.WriteString("type", "function");
            json.WriteStartObject("function");
            json.WriteString("name", call.Name);
            json.WriteString("arguments", CallArguments.ObjectOf(call));
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WritePart(Utf8JsonWriter json, AIContent content)
    {
        switch (content)
        {
            case TextContent text:
                json.WriteStartObject();
                json.WriteString("type", "text");
                json.WriteString("text", text.Text);
                json.WriteEndObject();
                break;
            case DataContent data:
                json.WriteStartObject();
                json.WriteString("type", "image_url");
                json.WriteStartObject("image_url");
                json.WriteString("url", data.Uri);
                json.WriteEndObject();
                json.WriteEndObject();
                break;
        }
    }
}
