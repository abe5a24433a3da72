namespace MuseWorkbench.Agents.Parsing;

internal enum TagKind { None, Partial, ReasoningOpen, ReasoningClose, ToolCallOpen, Place }

/// <summary>What stands at one place of the text: a tag, the beginning of one, or neither.</summary>
internal readonly record struct TagMatch(TagKind Kind, int Length = 0, int Value = 0);

/// <summary>Finds a family's tags around reasoning and tool calls.</summary>
internal sealed class TagMatcher
{
    private readonly List<(string Tag, TagKind Kind)> _literals = [];
    private readonly char[] _starts;

    public TagMatcher(ModelMarkup markup)
    {
        if (markup.Reasoning is { } reasoning)
        {
            _literals.Add((reasoning.Open, TagKind.ReasoningOpen));
            _literals.Add((reasoning.Close, TagKind.ReasoningClose));
        }
        if (markup.ToolCallForm == ToolCallForm.TaggedJson && markup.ToolCall is { } call)
            _literals.Add((call.Open, TagKind.ToolCallOpen));
        _starts = _literals.Select(l => l.Tag[0]).Distinct().ToArray();
    }

    /// <summary>The first place a tag could begin, or the text's length.</summary>
    public int NextCandidate(ReadOnlySpan<char> text)
    {
        var at = text.IndexOfAny(_starts);
        return at < 0 ? text.Length : at;
    }

    /// <summary>What begins at the text's first character.</summary>
    public TagMatch Match(ReadOnlySpan<char> text)
    {
        var partial = false;
        foreach (var (tag, kind) in _literals)
        {
            if (text.StartsWith(tag, StringComparison.Ordinal))
                return new TagMatch(kind, tag.Length);
            partial |= IsBeginningOf(tag, text);
        }
        return new TagMatch(partial ? TagKind.Partial : TagKind.None);
    }

    /// <summary>Whether <paramref name="text"/> could still become <paramref name="tag"/>.</summary>
    public static bool IsBeginningOf(string tag, ReadOnlySpan<char> text) =>
        text.Length < tag.Length && tag.AsSpan().StartsWith(text, StringComparison.Ordinal);
}
