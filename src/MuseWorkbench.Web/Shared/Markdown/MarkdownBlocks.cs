namespace MuseWorkbench.Web.Shared.Markdown;

/// <summary>
/// A growing text, cut at blank lines into blocks that can be read alone. What is before the last block stays, so
/// that more text costs one block, never the whole.
/// </summary>
internal sealed class MarkdownBlocks
{
    private readonly List<Part> _parts = [];
    private string _text = "";

    public IReadOnlyList<Part> Parts => _parts;

    public void Update(string text)
    {
        if (text == _text)
        {
            return;
        }

        var from = 0;
        if (text.StartsWith(_text, StringComparison.Ordinal) && _parts is [.., var last])
        {
            from = last.Start;
            _parts.RemoveAt(_parts.Count - 1);
        }
        else
        {
            _parts.Clear();
        }

        _text = text;
        Cut(from);
    }

    private void Cut(int from)
    {
        var (start, at, isAfterBlank) = (from, from, false);
        var fence = "";
        while (at < _text.Length)
        {
            var end = _text.IndexOf('\n', at);
            var next = end < 0 ? _text.Length : end + 1;
            var line = _text.AsSpan(at, next - at);
            var isBlank = line.IsWhiteSpace();
            // What is indented goes on with the list above it.
            if (isAfterBlank && !isBlank && fence.Length == 0 && !char.IsWhiteSpace(line[0]))
            {
                Add(start, at);
                start = at;
            }

            fence = Fence(line.Trim(), fence);
            (isAfterBlank, at) = (isBlank, next);
        }

        Add(start, _text.Length);
    }

    // The fence that is open after this line.
    private static string Fence(ReadOnlySpan<char> line, string open)
    {
        if (line is not ['`' or '~', ..])
        {
            return open;
        }

        var length = line.IndexOfAnyExcept(line[0]) is var end and >= 0 ? end : line.Length;
        if (open.Length == 0)
        {
            return length >= 3 && (line[0] == '~' || !line[length..].Contains('`')) ? line[..length].ToString() : "";
        }

        return line[0] == open[0] && length >= open.Length && length == line.Length ? "" : open;
    }

    private void Add(int start, int end)
    {
        if (end > start)
        {
            _parts.Add(new Part(start, _text[start..end]));
        }
    }

    /// <summary>A block and where in the whole text it begins.</summary>
    internal sealed record Part(int Start, string Text);
}
