using System.Text;
using MuseWorkbench.Engine.Requests;

namespace MuseWorkbench.EngineNode.Chat;

/// <summary>Takes the calls out of a model's text as it comes, after the reasoning. What is no call stays text.</summary>
/// <param name="names">Functions that may be called.</param>
internal sealed class ToolCallSplitter(ToolCallFormat format, IReadOnlySet<string> names)
{
    private const string ThinkOpen = "<think>";
    private const string ThinkClose = "</think>";

    private readonly StringBuilder _held = new();
    private bool _thinking;
    private bool _answered;
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
            if (marker is ThinkOpen or ThinkClose)
            {
                Say(content, rest[..(at + marker.Length)]);
                (_thinking, _answered) = (marker == ThinkOpen, false);
                rest = rest[(at + marker.Length)..];
                continue;
            }
            Say(content, rest[..at]);
            var end = EndOfCalls(rest, at, final);
            if (end < 0)
            {
                _held.Append(rest, at, rest.Length - at);
                break;
            }
            var read = ToolCallText.Read(rest[at..end], format, names);
            if (read.Count == 0)
            {
                Say(content, rest[at..end]);
            }
            foreach (var function in read)
            {
                calls.Add(new ToolCallBody(Count++, $"call_{Guid.NewGuid():N}", function));
                _afterCall = true;
            }
            rest = rest[end..];
        }
        return (content.ToString(), calls);
    }

    /// <summary>White space between calls and after them is the markup's, not the answer's.</summary>
    private void Say(StringBuilder content, string text)
    {
        var blank = string.IsNullOrWhiteSpace(text);
        if (!_afterCall || !blank)
        {
            content.Append(text);
            _afterCall = _afterCall && text.Length == 0;
        }
        _answered |= !blank;
    }

    private IEnumerable<string> Markers => _thinking ? [ThinkClose] : format.Open is { } open ? [ThinkOpen, open] : _answered ? [ThinkOpen] : [ThinkOpen, ToolCallFormat.PythonTag];

    private (int At, string? Marker) Next(string text)
    {
        var (at, found) = (int.MaxValue, (string?)null);
        foreach (var marker in Markers)
        {
            var here = text.IndexOf(marker, StringComparison.Ordinal);
            if (here >= 0 && here < at)
            {
                (at, found) = (here, marker);
            }
        }
        // Where a call is the whole reply, nothing but its own brace says so.
        var first = text.AsSpan().IndexOfAnyExcept(" \t\r\n");
        return format.Open is null && !_thinking && !_answered && first >= 0 && first < at && text[first] == '{' ? (first, "{") : (at, found);
    }

    /// <summary>Length of the longest ending that may begin a marker.</summary>
    private int Started(string text)
    {
        for (var length = Math.Min(text.Length, ToolCallFormat.PythonTag.Length); length > 0; length--)
        {
            var end = text[^length..];
            if (Markers.Any(marker => marker.StartsWith(end, StringComparison.Ordinal)))
            {
                return length;
            }
        }
        return 0;
    }

    /// <summary>Where the call, or all of them, ends; negative where that has not come yet.</summary>
    private int EndOfCalls(string text, int at, bool final) =>
        format.Close is { } close && text.IndexOf(close, at, StringComparison.Ordinal) is >= 0 and var end ? end + close.Length : final ? text.Length : -1;
}
