namespace MuseWorkbench.Agents.Parsing;

internal enum TagKind { None, Partial, ReasoningOpen, ReasoningClose, ToolCallOpen, Location }

/// <summary>What stands at one place of the text: a tag, the beginning of one, or neither.</summary>
internal readonly record struct TagMatch(TagKind Kind, int Length = 0, int Value = 0);

/// <summary>Finds a family's tags.</summary>
internal sealed class TagMatcher
{
    private const int MaxDigits = 4;
    private readonly List<(string Tag, TagKind Kind)> _literals = [];
    private readonly GroundingConvention? _grounding;
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
        _grounding = markup.Grounding;
        var starts = _literals.Select(l => l.Tag[0]);
        if (_grounding is not null)
            starts = starts.Append(_grounding.TagStart[0]);
        _starts = starts.Distinct().ToArray();
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
        if (_grounding is not null)
        {
            var location = MatchLocation(text, _grounding);
            if (location.Kind == TagKind.Location)
                return location;
            partial |= location.Kind == TagKind.Partial;
        }
        return new TagMatch(partial ? TagKind.Partial : TagKind.None);
    }

    private static TagMatch MatchLocation(ReadOnlySpan<char> text, GroundingConvention grounding)
    {
        if (!text.StartsWith(grounding.TagStart, StringComparison.Ordinal))
            return new TagMatch(IsBeginningOf(grounding.TagStart, text) ? TagKind.Partial : TagKind.None);
        var rest = text[grounding.TagStart.Length..];
        int digits = 0, value = 0;
        while (digits < rest.Length && digits < MaxDigits && char.IsAsciiDigit(rest[digits]))
            value = value * 10 + (rest[digits++] - '0');
        var end = rest[digits..];
        if (digits > 0 && end.StartsWith(grounding.TagEnd, StringComparison.Ordinal))
            return new TagMatch(TagKind.Location, grounding.TagStart.Length + digits + grounding.TagEnd.Length, value);
        var open = end.IsEmpty || (digits > 0 && IsBeginningOf(grounding.TagEnd, end));
        return new TagMatch(open ? TagKind.Partial : TagKind.None);
    }

    private static bool IsBeginningOf(string tag, ReadOnlySpan<char> text) =>
        text.Length < tag.Length && tag.AsSpan().StartsWith(text, StringComparison.Ordinal);
}
