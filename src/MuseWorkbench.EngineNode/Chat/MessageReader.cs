using System.Text.Json;

namespace MuseWorkbench.EngineNode.Chat;

/// <summary>Reads <c>messages</c>.</summary>
internal sealed class MessageReader(RequestFaults faults)
{
    private int _images;

    public IReadOnlyList<ChatMessage> Read(JsonElement body)
    {
        if (!body.TryGetProperty("messages", out var messages) || messages.ValueKind == JsonValueKind.Null)
        {
            faults.Add("messages", "'messages' is missing.", "missing_required_parameter");
            return [];
        }

        if (messages.ValueKind != JsonValueKind.Array)
        {
            faults.AddType("messages", "an array of messages");
            return [];
        }

        var count = messages.GetArrayLength();
        if (count is 0 or > ApiLimits.Messages)
        {
            faults.Add("messages", $"'messages' must hold 1 to {ApiLimits.Messages} messages.");
            return [];
        }

        var read = new List<ChatMessage>(count);
        foreach (var message in messages.EnumerateArray())
        {
            ReadMessage(message, $"messages[{read.Count}]", read);
        }

        return read;
    }

    private void ReadMessage(JsonElement message, string path, List<ChatMessage> read)
    {
        if (message.ValueKind != JsonValueKind.Object)
        {
            faults.AddType(path, "an object with 'role' and 'content'");
            read.Add(new ChatMessage("user", []));
            return;
        }

        var fields = new RequestFields(message, faults, path);
        var role = ReadRole(fields);
        if (fields.TryGet("function_call", out _))
        {
            faults.Add(fields.PathOf("function_call"), $"'{fields.PathOf("function_call")}' is not supported; 'tool_calls' is.", "unsupported_parameter");
        }

        var calls = new ToolCallReader(faults).Read(fields, role);
        if (fields.TryGet("tool_call_id", out _) && role != "tool")
        {
            faults.Add(fields.PathOf("tool_call_id"), $"'{fields.PathOf("tool_call_id")}' is for messages of role tool.");
        }

        read.Add(new ChatMessage(role, calls.Count > 0 && !fields.TryGet("content", out _) ? [] : ReadContent(fields))
        {
            ToolCalls = calls,
            ToolCallId = fields.Text("tool_call_id"),
            Name = fields.Text("name"),
            ReasoningContent = role == "assistant" ? fields.Text("reasoning_content") : null,
        });
    }

    private string ReadRole(RequestFields fields)
    {
        switch (fields.Text("role"))
        {
            case "system" or "developer": return "system";
            case "user": return "user";
            case "assistant": return "assistant";
            case "tool": return "tool";
            case null when fields.TryGet("role", out _): return ""; // the wrong type is told already
            default:
                faults.Add(fields.PathOf("role"), $"'{fields.PathOf("role")}' must be system, developer, user, assistant or tool.");
                return "";
        }
    }

    private List<MessagePart> ReadContent(RequestFields fields)
    {
        var path = fields.PathOf("content");
        if (!fields.TryGet("content", out var content))
        {
            faults.Add(path, $"'{path}' is missing.", "missing_required_parameter");
            return [];
        }

        switch (content.ValueKind)
        {
            case JsonValueKind.String:
                return [new MessageText(content.GetString()!)];
            case JsonValueKind.Array when content.GetArrayLength() > 0:
                var parts = new List<MessagePart>();
                var index = 0;
                foreach (var part in content.EnumerateArray())
                {
                    if (ReadPart(part, $"{path}[{index++}]") is { } read)
                    {
                        parts.Add(read);
                    }
                }

                return parts;
            default:
                faults.AddType(path, "a string or an array of at least one part");
                return [];
        }
    }

    private MessagePart? ReadPart(JsonElement part, string path)
    {
        if (part.ValueKind != JsonValueKind.Object)
        {
            faults.AddType(path, "an object with 'type'");
            return null;
        }

        var fields = new RequestFields(part, faults, path);
        switch (fields.Text("type"))
        {
            case "text":
                if (!fields.TryGet("text", out _))
                {
                    faults.Add(fields.PathOf("text"), $"'{fields.PathOf("text")}' is missing.", "missing_required_parameter");
                    return null;
                }

                return fields.Text("text") is { } text ? new MessageText(text) : null;
            case "image_url":
                return ReadImage(fields);
            default:
                faults.Add(fields.PathOf("type"), $"'{fields.PathOf("type")}' must be text or image_url.");
                return null;
        }
    }

    private MessageImage? ReadImage(RequestFields fields)
    {
        var path = fields.PathOf("image_url");
        if (!fields.TryGet("image_url", out var holder) || holder.ValueKind != JsonValueKind.Object
            || !holder.TryGetProperty("url", out var url) || url.ValueKind != JsonValueKind.String)
        {
            faults.AddType(path, "an object with 'url', a string");
            return null;
        }

        if (++_images > ApiLimits.Images)
        {
            if (_images == ApiLimits.Images + 1)
            {
                faults.Add("messages", $"'messages' may hold at most {ApiLimits.Images} images.");
            }

            return null;
        }

        var bytes = DataUri.Decode(url, out var fault);
        if (bytes is not null)
        {
            return new MessageImage(bytes, $"{path}.url");
        }

        faults.Add($"{path}.url", $"'{path}.url' {fault}", "invalid_image_url");
        return null;
    }
}
