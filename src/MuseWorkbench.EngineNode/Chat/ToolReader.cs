using System.Text.Json;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Sampling.Grammars;

namespace MuseWorkbench.EngineNode.Chat;

/// <summary>Reads <c>tools</c>, <c>tool_choice</c> and <c>parallel_tool_calls</c>.</summary>
internal sealed class ToolReader(RequestFaults faults, ToolCallFormat format)
{
    /// <summary>The tools that may be called; null where there are none or there is a fault.</summary>
    public ToolSet? Read(RequestFields fields)
    {
        var parallel = fields.Flag("parallel_tool_calls") ?? true;
        var tools = ReadTools(fields, out var definitions);
        var (choice, name) = ReadChoice(fields);
        if (tools.Count == 0)
        {
            if (choice is "required" or "function")
            {
                faults.Add("tool_choice", "'tool_choice' asks for a call, but there are no 'tools'.");
            }

            return null;
        }

        if (choice is null or "none")
        {
            return null;
        }

        if (name is not null)
        {
            tools = tools.FindAll(tool => tool.Name == name);
            if (tools.Count == 0)
            {
                faults.Add("tool_choice", "'tool_choice' names a function that is not in 'tools'.");
                return null;
            }
        }

        try
        {
            var grammar = SchemaGrammar.CompileTools(tools, parallel && name is null ? ApiLimits.ToolCalls : 1, format);
            return new ToolSet(definitions.Clone(), tools.Select(tool => tool.Name).ToHashSet(StringComparer.Ordinal), format, grammar, choice != "auto");
        }
        catch (SchemaException exception)
        {
            faults.Add("tools", $"'tools' can't be used. {exception.Message}");
            return null;
        }
    }

    private List<(string Name, JsonElement? Parameters)> ReadTools(RequestFields fields, out JsonElement tools)
    {
        var read = new List<(string Name, JsonElement? Parameters)>();
        if (!fields.TryGet("tools", out tools))
        {
            return read;
        }

        if (tools.ValueKind != JsonValueKind.Array || tools.GetArrayLength() > ApiLimits.Tools)
        {
            faults.AddType("tools", $"an array of at most {ApiLimits.Tools} tools");
            return read;
        }

        foreach (var (index, tool) in tools.EnumerateArray().Index())
        {
            if (ReadTool(tool, $"tools[{index}]") is not { } one)
            {
                continue;
            }

            if (read.Exists(other => other.Name == one.Name))
            {
                faults.Add($"tools[{index}].function.name", $"'tools' holds the function '{one.Name}' twice.");
            }

            read.Add(one);
        }

        return read;
    }

    private (string Name, JsonElement? Parameters)? ReadTool(JsonElement tool, string path)
    {
        if (tool.ValueKind != JsonValueKind.Object || !tool.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String
            || !type.ValueEquals("function") || !tool.TryGetProperty("function", out var function) || function.ValueKind != JsonValueKind.Object)
        {
            faults.AddType(path, "{\"type\":\"function\",\"function\":{…}}");
            return null;
        }

        var fields = new RequestFields(function, faults, $"{path}.function");
        _ = fields.Text("description");
        _ = fields.Flag("strict"); // calls are always held to the parameters
        var name = fields.Text("name") ?? "";
        if (name.Length is 0 or > ApiLimits.ToolName || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
        {
            faults.Add(fields.PathOf("name"), $"'{fields.PathOf("name")}' must be 1 to {ApiLimits.ToolName} letters, digits, _ and -.");
            return null;
        }

        if (!fields.TryGet("parameters", out var parameters))
        {
            return (name, null);
        }

        if (parameters.ValueKind != JsonValueKind.Object)
        {
            faults.AddType(fields.PathOf("parameters"), "a JSON schema, an object");
            return null;
        }

        return (name, parameters);
    }

    /// <summary>none, auto, required or function, and the function's name; null where there is a fault.</summary>
    private (string? Choice, string? Name) ReadChoice(RequestFields fields)
    {
        if (!fields.TryGet("tool_choice", out var choice))
        {
            return ("auto", null);
        }

        if (choice.ValueKind == JsonValueKind.String && choice.GetString() is "none" or "auto" or "required")
        {
            return (choice.GetString(), null);
        }

        if (choice.ValueKind == JsonValueKind.Object && choice.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("function")
            && choice.TryGetProperty("function", out var function) && function.ValueKind == JsonValueKind.Object
            && function.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String)
        {
            return ("function", name.GetString());
        }

        faults.Add("tool_choice", "'tool_choice' must be none, auto, required, or {\"type\":\"function\",\"function\":{\"name\":…}}.");
        return (null, null);
    }
}
