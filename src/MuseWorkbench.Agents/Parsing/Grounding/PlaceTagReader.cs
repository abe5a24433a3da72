namespace MuseWorkbench.Agents.Parsing.Grounding;

/// <summary>
/// Reads one family's tags out of a stream. It is asked what begins at a place of the text, and given each tag that was
/// recognised; what it has to remember from one tag to the next is its own.
/// </summary>
internal abstract class PlaceTagReader(PlaceMaker places)
{
    protected PlaceMaker Places { get; } = places;

    /// <summary>The first place a tag could begin, or the text's length.</summary>
    public virtual int NextCandidate(ReadOnlySpan<char> text)
    {
        var at = text.IndexOf('<');
        return at < 0 ? text.Length : at;
    }

    /// <summary>What begins at the text's first character.</summary>
    public abstract TagMatch Match(ReadOnlySpan<char> text);

    /// <summary>A tag <see cref="Match"/> recognised is taken out of the text.</summary>
    public abstract void Take(ReadOnlySpan<char> tag, ChannelText text, List<Segment> output);

    /// <summary>Text follows that is no tag.</summary>
    public virtual void Interrupt()
    {
    }

    /// <summary>The channel's text is over, or another channel's begins.</summary>
    public virtual void End(ChannelText text, List<Segment> output)
    {
    }

    /// <summary>One of several literal tags.</summary>
    protected static TagMatch MatchLiteral(ReadOnlySpan<char> text, ReadOnlySpan<string> tags)
    {
        var partial = false;
        foreach (var tag in tags)
        {
            if (text.StartsWith(tag, StringComparison.Ordinal))
                return new TagMatch(TagKind.Place, tag.Length);
            partial |= TagMatcher.IsBeginningOf(tag, text);
        }
        return new TagMatch(partial ? TagKind.Partial : TagKind.None);
    }

    /// <summary>A tag that holds a number: <c>&lt;loc0123&gt;</c>.</summary>
    protected static TagMatch MatchNumber(ReadOnlySpan<char> text, string start, int maxDigits = 4)
    {
        if (!text.StartsWith(start, StringComparison.Ordinal))
            return new TagMatch(TagMatcher.IsBeginningOf(start, text) ? TagKind.Partial : TagKind.None);
        var rest = text[start.Length..];
        int digits = 0, value = 0;
        while (digits < rest.Length && digits < maxDigits && char.IsAsciiDigit(rest[digits]))
            value = (value * 10) + (rest[digits++] - '0');
        if (digits == rest.Length)
            return new TagMatch(TagKind.Partial);
        return digits > 0 && rest[digits] == '>'
            ? new TagMatch(TagKind.Place, start.Length + digits + 1, value)
            : new TagMatch(TagKind.None);
    }

    protected static TagMatch Either(TagMatch first, TagMatch second) => first.Kind switch
    {
        TagKind.Place => first,
        TagKind.Partial => second.Kind == TagKind.Place ? second : first,
        _ => second,
    };

    /// <summary>The number in a tag that <see cref="MatchNumber"/> recognised.</summary>
    protected static int NumberIn(ReadOnlySpan<char> tag, string start) =>
        int.Parse(tag[start.Length..^1], System.Globalization.CultureInfo.InvariantCulture);
}
