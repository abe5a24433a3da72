using System.Text;
using System.Text.Json;

namespace MuseWorkbench.EngineNode.Chat;

/// <summary>
/// Takes the calls out of a model's text as it comes: <c>&lt;tool_call&gt;{"name":…,"arguments":{…}}&lt;/tool_call&gt;</c> after the
/// reasoning. What is no such call stays text.
/// </summary>
/// <param name="names">Functions that may be called.</param>
internal sealed class ToolCallSplitter(IReadOnlySet<string> names)
{
    private const string Open = "<tool_call>";
    private const string Close = "</tool_call>";
    private const string ThinkOpen = "<think>";
    private const string ThinkClose = "</think>";

    private readonly StringBuilder _held = new();
    private bool _thinking;
    private bool _afterCall;

    /// <summary>Calls so far.</summary>
    public int Count { get; private set; }

    /// <summary>Takes text; gives what is certain of it.</summary>
    /// <param name="final">Whether it is the last, so that nothing is held back.</param>
    public (string Text, IReadOnlyList<ToolCallBody> Calls) Append(string text, bool final = false)
    {
        _held.Append(text);
        var rest = _held.ToString();
        _held.Clear();
        var content = new StringBuilder();
        var calls = new List<ToolCallBody>();
        while (rest.Length > 0)
        {
            var (at, marker) = Next(rest);
            if (marker is null)
            {
                var certain = final ? rest.Length : rest.Length - Started(rest);
                Say(content, rest[..certain]);
                _held.Append(rest, certain, rest.Length - certain);
                break;
            }
            if (marker == Open)
            {
                Say(content, rest[..at]);
                var end = rest.IndexOf(Close, at, StringComparison.Ordinal);
                if (end < 0 && !final)
                {
                    _held.Append(rest, at, rest.Length - at);
                    break;
                }
                var whole = end < 0 ? rest.Length : end + Close.Length;
                if (end >= 0 && Read(rest.AsSpan(at + Open.Length, end - at - Open.Length).ToString()) is { } call)
                {
                    calls.Add(call);
                    _afterCall = true;
                }
                else
                {
                    Say(content, rest[at..whole]);
                }
                rest = rest[whole..];
                continue;
            }
            _thinking = marker == ThinkOpen;
            Say(content, rest[..(at + marker.Length)]);
            rest = rest[(at + marker.Length)..];
        }
        return (content.ToString(), calls);
    }

    /// <summary>White space between calls and after them is the markup's, not the answer's.</summary>
    private void Say(StringBuilder content, string text)
    {
        if (!_afterCall || !string.IsNullOrWhiteSpace(text))
        {
            content.Append(text);
            _afterCall = _afterCall && text.Length == 0;
        }
    }

    private (int At, string? Marker) Next(string text)
    {
        var (at, found) = (int.MaxValue, (string?)null);
        foreach (var marker in _thinking ? (ReadOnlySpan<string>)[ThinkClose] : [ThinkOpen, Open])
        {
            var here = text.IndexOf(marker, StringComparison.Ordinal);
            if (here >= 0 && here < at)
            {
                (at, found) = (here, marker);
            }
        }
        return (at, found);
    }

    /// <summary>Length of the longest ending that may begin a marker.</summary>
    private int Started(string text)
    {
        var from = text.LastIndexOf('<');
        var end = from < 0 ? "" : text[from..];
        return end.Length > 0 && (_thinking ? ThinkClose.StartsWith(end, StringComparison.Ordinal) : ThinkOpen.StartsWith(end, StringComparison.Ordinal) || Open.StartsWith(end, StringComparison.Ordinal))
            ? end.Length
            : 0;
    }

    private ToolCallBody? Read(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 64 });
            var call = document.RootElement;
            if (call.ValueKind == JsonValueKind.Object && call.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String
                && names.Contains(name.GetString()!) && call.TryGetProperty("arguments", out var arguments) && arguments.ValueKind == JsonValueKind.Object)
            {
                return new ToolCallBody(Count++, $"call_{Guid.NewGuid():N}", new FunctionBody(name.GetString()!, arguments.GetRawText()));
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // Not JSON, or text that is no Unicode: no call.
        }
        return null;
    }
}
