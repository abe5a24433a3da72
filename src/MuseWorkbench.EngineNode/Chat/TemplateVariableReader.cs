using System.Collections.Immutable;
using System.Text.Json;

namespace MuseWorkbench.EngineNode.Chat;

/// <summary>Reads <c>chat_template_kwargs</c>: variables a model's chat template may look at, such as <c>enable_thinking</c>.</summary>
internal static class TemplateVariableReader
{
    private const string Parameter = "chat_template_kwargs";

    /// <summary>What the node itself tells the template.</summary>
    private static readonly string[] s_taken = ["messages", "tools", "add_generation_prompt", "bos_token", "eos_token"];

    public static ImmutableDictionary<string, JsonElement> Read(RequestFields fields, RequestFaults faults)
    {
        var read = ImmutableDictionary.CreateBuilder<string, JsonElement>();
        if (!fields.TryGet(Parameter, out var variables))
        {
            return read.ToImmutable();
        }

        if (variables.ValueKind != JsonValueKind.Object)
        {
            faults.AddType(Parameter, "an object");
            return read.ToImmutable();
        }

        if (variables.GetRawText().Length > ApiLimits.TemplateVariables)
        {
            faults.Add(Parameter, $"'{Parameter}' must be at most {ApiLimits.TemplateVariables} characters long.");
            return read.ToImmutable();
        }

        // A copy: the request's own JSON is gone once it is read.
        foreach (var variable in variables.Clone().EnumerateObject())
        {
            if (s_taken.Contains(variable.Name))
            {
                faults.Add($"{Parameter}.{variable.Name}", $"'{Parameter}' can't set '{variable.Name}'.");
            }

            read[variable.Name] = variable.Value;
        }

        return read.ToImmutable();
    }
}
