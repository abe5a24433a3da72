using System.Text.Json;
using MuseWorkbench.Engine.Requests;

namespace MuseWorkbench.EngineNode.Chat;

/// <summary>Reads the calls in the text that holds them and nothing else.</summary>
internal static class ToolCallText
{
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = 64 };

    /// <summary>The calls; none where any is not whole, or of a function that is not among <paramref name="names"/>.</summary>
    /// <param name="text">From the first mark on.</param>
    public static IReadOnlyList<FunctionBody> Read(string text, ToolCallFormat format, IReadOnlySet<string> names)
    {
        try
        {
            var calls = (format.Close is { } close ? ReadTagged(text, format.Open!, close)
                : format == ToolCallFormat.Named ? ReadNamed(text, format.Open!)
                : ReadPlain(Without(format.Open ?? ToolCallFormat.PythonTag, text))).ToList();
            return calls.TrueForAll(call => call is not null && names.Contains(call.Name)) ? [.. calls.OfType<FunctionBody>()] : [];
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return []; // not JSON, or text that is no Unicode
        }
    }

    private static string Without(string mark, string text) => text.StartsWith(mark, StringComparison.Ordinal) ? text[mark.Length..] : text;

    private static IEnumerable<FunctionBody?> ReadTagged(string text, string open, string close)
    {
        if (!text.EndsWith(close, StringComparison.Ordinal))
        {
            yield break;
        }

        using var document = JsonDocument.Parse(text.AsMemory(open.Length, text.Length - open.Length - close.Length), s_options);
        yield return Call(document.RootElement);
    }

    private static IEnumerable<FunctionBody?> ReadNamed(string text, string open)
    {
        foreach (var part in text.Split(open, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var at = part.IndexOf(ToolCallFormat.ArgumentsMark, StringComparison.Ordinal);
            // Some write an id between the name and the arguments: "name[CALL_ID]…[ARGS]".
            var name = part[..Math.Max(0, part.IndexOf('['))];
            if (at < 0)
            {
                yield return null;
                continue;
            }

            using var arguments = JsonDocument.Parse(part.AsMemory(at + ToolCallFormat.ArgumentsMark.Length), s_options);
            yield return Call(name.Trim(), arguments.RootElement);
        }
    }

    /// <summary>A call, or a list of them.</summary>
    private static IEnumerable<FunctionBody?> ReadPlain(string text)
    {
        using var document = JsonDocument.Parse(text, s_options);
        if (document.RootElement.ValueKind != JsonValueKind.Array)
        {
            yield return Call(document.RootElement);
            yield break;
        }

        foreach (var call in document.RootElement.EnumerateArray())
        {
            yield return Call(call);
        }
    }

    private static FunctionBody? Call(JsonElement call) =>
        call.ValueKind == JsonValueKind.Object && call.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String
        && (call.TryGetProperty("arguments", out var arguments) || call.TryGetProperty("parameters", out arguments))
            ? Call(name.GetString()!, arguments)
            : null;

    private static FunctionBody? Call(string name, JsonElement arguments) =>
        arguments.ValueKind == JsonValueKind.Object ? new FunctionBody(name, arguments.GetRawText()) : null;
}
