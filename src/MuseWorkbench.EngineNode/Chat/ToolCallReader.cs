using System.Text.Json;
using MuseWorkbench.Engine.Requests;

namespace MuseWorkbench.EngineNode.Chat;

/// <summary>Reads the <c>tool_calls</c> of an assistant's message.</summary>
internal sealed class ToolCallReader(RequestFaults faults)
{
    public IReadOnlyList<ChatToolCall> Read(RequestFields message, string role)
    {
        var path = message.PathOf("tool_calls");
        if (!message.TryGet("tool_calls", out var calls))
        {
            return [];
        }

        if (calls.ValueKind != JsonValueKind.Array || calls.GetArrayLength() > ApiLimits.ToolCalls)
        {
            faults.AddType(path, $"an array of at most {ApiLimits.ToolCalls} calls");
            return [];
        }

        if (role != "assistant")
        {
            faults.Add(path, $"'{path}' is for messages of role assistant.");
            return [];
        }

        var read = new List<ChatToolCall>();
        foreach (var (index, call) in calls.EnumerateArray().Index())
        {
            if (ReadCall(call, $"{path}[{index}]") is { } one)
            {
                read.Add(one);
            }
        }

        return read;
    }

    private ChatToolCall? ReadCall(JsonElement call, string path)
    {
        if (call.ValueKind != JsonValueKind.Object || !call.TryGetProperty("function", out var function) || function.ValueKind != JsonValueKind.Object)
        {
            faults.AddType(path, "an object with 'id' and 'function'");
            return null;
        }

        var (fields, functionFields) = (new RequestFields(call, faults, path), new RequestFields(function, faults, $"{path}.function"));
        if (fields.Text("type") is { } type and not "function")
        {
            faults.Add(fields.PathOf("type"), $"'{fields.PathOf("type")}' must be function.");
        }

        var (id, name, arguments) = (fields.Text("id"), functionFields.Text("name"), functionFields.Text("arguments"));
        if (id is null || string.IsNullOrEmpty(name) || arguments is null)
        {
            faults.Add(path, $"'{path}' needs 'id', 'function.name' and 'function.arguments', all of them strings.");
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(arguments, new JsonDocumentOptions { MaxDepth = ApiLimits.JsonDepth, AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return new ChatToolCall(id, name, document.RootElement.Clone());
            }
        }
        catch (JsonException)
        {
            // Told below, as what is no object is.
        }

        faults.Add(functionFields.PathOf("arguments"), $"'{functionFields.PathOf("arguments")}' must be the text of a JSON object of at most {ApiLimits.JsonDepth} levels.");
        return null;
    }
}
