using System.Text;

namespace MuseWorkbench.Engine.Scheduling;

/// <summary>
/// Turns the bytes of tokens into text as they come: whole characters only, and nothing that a stop text may be starting in
/// is let go before it is known not to be one.
/// </summary>
internal sealed class TextStream(IReadOnlyList<string> stops)
{
    private readonly string[] _stops = [.. stops.Where(s => s.Length > 0)];
    private readonly Decoder _utf8 = Encoding.UTF8.GetDecoder();
    private string _held = "";

    /// <summary>Whether a stop text has come; it and what follows is dropped.</summary>
    public bool Stopped { get; private set; }

    /// <summary>Takes bytes, gives the text that is certain.</summary>
    public string Append(ReadOnlySpan<byte> bytes) => Stopped ? "" : Release(Decode(bytes, flush: false), final: false);

    /// <summary>Gives what was held back. Bytes of a character that never became whole read as U+FFFD.</summary>
    public string Finish() => Stopped ? "" : Release(Decode([], flush: true), final: true);

    private string Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        Span<char> characters = stackalloc char[128];
        if (bytes.Length >= characters.Length - 4)
        {
            characters = new char[_utf8.GetCharCount(bytes, flush)];
        }
        return characters[.._utf8.GetChars(bytes, characters, flush)].ToString();
    }

    private string Release(string text, bool final)
    {
        if (_stops.Length == 0)
        {
            return text;
        }
        text = _held + text;
        var end = int.MaxValue;
        foreach (var stop in _stops)
        {
            var at = text.IndexOf(stop, StringComparison.Ordinal);
            end = at < 0 ? end : Math.Min(end, at);
        }
        Stopped = end < int.MaxValue;
        if (!Stopped)
        {
            end = text.Length - (final ? 0 : _stops.Max(s => StartedBy(text, s)));
            _held = text[end..];
        }
        return text[..end];
    }

    /// <summary>Length of the longest ending of a text that begins a stop text.</summary>
    private static int StartedBy(string text, string stop)
    {
        var length = Math.Min(text.Length, stop.Length - 1);
        while (!text.EndsWith(stop[..length], StringComparison.Ordinal))
        {
            length--;
        }
        return length;
    }
}
