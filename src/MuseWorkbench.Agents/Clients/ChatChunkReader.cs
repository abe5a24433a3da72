using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Clients;

/// <summary>Turns one reply's chunks into updates.</summary>
internal sealed class ChatChunkReader(ChatFailures failures)
{
    private const int MaxCalls = 64;
    private const int MaxArguments = 1 << 16;

    // By their place among the reply's calls. Servers send a call whole or its arguments in pieces.
    private readonly SortedDictionary<int, PartialCall> _calls = [];

    /// <summary>A finish reason has been seen: the reply is whole.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>The chunk's update, or null where it says nothing.</summary>
    /// <exception cref="ChatClientException">Not a chunk, or an error in a chunk's place.</exception>
    public ChatResponseUpdate? Read(string data)
    {
        if (data.Length == 0)
            return null;
        try
        {
            using var json = JsonDocument.Parse(data);
            return Read(json.RootElement);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException or FormatException)
        {
            throw failures.Protocol("it sent something that is not a chat reply", malformed);
        }
    }

    private ChatResponseUpdate? Read(JsonElement chunk)
    {
        if (Find(chunk, "error") is { } error)
            throw failures.MidStream(error);
        var update = new ChatResponseUpdate { Role = ChatRole.Assistant };
        if (Find(chunk, "choices") is { } choices && choices.GetArrayLength() > 0)
            ReadChoice(choices[0], update);
        if (Find(chunk, "prompt_progress") is { } progress)
            new PromptProgress(Int(progress, "total"), Int(progress, "cache"), Int(progress, "processed")).AddTo(update);
        if (Text(chunk, "prompt") is { } prompt)
            new RenderedPrompt(prompt).AddTo(update);
        if (Find(chunk, "timings") is { } timings)
            ReadTimings(timings).AddTo(update);
        if (Find(chunk, "usage") is { } usage)
            update.Contents.Add(new UsageContent(ReadUsage(usage)));
        return update.Contents.Count > 0 || update.AdditionalProperties is not null || update.FinishReason is not null ? update : null;
    }

    private void ReadChoice(JsonElement choice, ChatResponseUpdate update)
    {
        if (Find(choice, "delta") is { } delta)
        {
            var reasoning = Text(delta, "reasoning_content") ?? Text(delta, "reasoning");
            if (!string.IsNullOrEmpty(reasoning))
                update.Contents.Add(new TextReasoningContent(reasoning));
            if (Text(delta, "content") is { Length: > 0 } content)
                update.Contents.Add(new TextContent(content));
            if (Find(delta, "tool_calls") is { } calls)
                ReadCalls(calls);
        }
        var group = Number(choice, "group_confidence");
        var whole = Find(choice, "confidence") is { } confidence ? ReadConfidence(confidence) : null;
        if (group is not null || whole is not null)
            new ChatConfidence(group, whole).AddTo(update);
        if (Text(choice, "finish_reason") is { } finish)
        {
            foreach (var call in _calls.Values.Where(call => call.Name.Length > 0))
                update.Contents.Add(CallArguments.Call(call.Id, call.Name, call.Arguments.ToString()));
            _calls.Clear();
            update.FinishReason = new ChatFinishReason(finish);
            IsFinished = true;
        }
    }

    private void ReadCalls(JsonElement calls)
    {
        foreach (var piece in calls.EnumerateArray())
        {
            var index = Int(piece, "index");
            if (!_calls.TryGetValue(index, out var call))
            {
                if (_calls.Count == MaxCalls)
                    throw failures.Protocol("it made more tool calls than are read");
                _calls[index] = call = new PartialCall();
            }
            call.Id = Text(piece, "id") is { Length: > 0 } id ? id : call.Id;
            if (Find(piece, "function") is not { } function)
                continue;
            call.Name = Text(function, "name") is { Length: > 0 } name ? name : call.Name;
            call.Arguments.Append(Text(function, "arguments"));
            if (call.Arguments.Length > MaxArguments)
                throw failures.Protocol("it made a tool call longer than is read");
        }
    }

    private static ChatTimings ReadTimings(JsonElement timings) => new(
        Number(timings, "queue_ms") ?? 0,
        Number(timings, "prompt_ms") ?? 0,
        Number(timings, "ttft_ms"),
        Number(timings, "predicted_ms") ?? 0,
        Number(timings, "predicted_per_second") ?? 0,
        Int(timings, "cache_n"),
        Int(timings, "prompt_n"),
        Int(timings, "predicted_n"));

    private static AgentConfidence ReadConfidence(JsonElement confidence) => new(
        Int(confidence, "tokens"),
        Int(confidence, "window"),
        Number(confidence, "mean") ?? 0,
        Number(confidence, "tail") ?? 0,
        Number(confidence, "lowest_group") ?? 0,
        Number(confidence, "bottom_10") ?? 0);

    private static UsageDetails ReadUsage(JsonElement usage) => new()
    {
        InputTokenCount = Int(usage, "prompt_tokens"),
        OutputTokenCount = Int(usage, "completion_tokens"),
        TotalTokenCount = Int(usage, "total_tokens"),
        CachedInputTokenCount = Find(usage, "prompt_tokens_details") is { } details ? Int(details, "cached_tokens") : null,
    };

    private static JsonElement? Find(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string? Text(JsonElement parent, string name) => Find(parent, name)?.GetString();

    private static double? Number(JsonElement parent, string name) => Find(parent, name)?.GetDouble();

    private sealed class PartialCall
    {
        public string Id { get; set; } = "";
        public string Name { get; set; } = "";
        public StringBuilder Arguments { get; } = new();
    }

    private static int Int(JsonElement parent, string name) => (int)Math.Clamp(Number(parent, name) ?? 0, 0, int.MaxValue);
}
