using System.Globalization;

namespace MuseWorkbench.Agents.Parsing.Grounding;

/// <summary>
/// A name between two tags, then its boxes as a list between two others:
/// <c>&lt;ref&gt;car&lt;/ref&gt;&lt;box&gt;[[1,2,3,4],[5,6,7,8]]&lt;/box&gt;</c> (InternVL, DeepSeek-VL2). A box is out as
/// soon as its own bracket closes.
/// </summary>
internal sealed class ReferenceTags(PlaceMaker places, TagPair name, TagPair boxes, params string[] ignored) : PlaceTagReader(places)
{
    private const int MaxBoxLength = 128;

    private readonly string[] _outside = [name.Open, name.Close, boxes.Open, .. ignored];
    private readonly string[] _inside = [boxes.Close];
    private bool _inList;

    public override int NextCandidate(ReadOnlySpan<char> text) => _inList ? 0 : base.NextCandidate(text);

    public override TagMatch Match(ReadOnlySpan<char> text)
    {
        if (!_inList)
            return MatchLiteral(text, _outside);
        var match = text[0] switch
        {
            '<' => MatchLiteral(text, _inside),
            '[' => MatchBox(text),
            ' ' or ',' or ']' or '\n' => new TagMatch(TagKind.Place, 1),
            _ => default,
        };
        // Something else stands in the list: it ends here, and what follows is text.
        _inList &= match.Kind != TagKind.None;
        return match;
    }

    public override void Take(ReadOnlySpan<char> tag, ChannelText text, List<Segment> output)
    {
        text.MarkTag();
        if (tag.SequenceEqual(name.Open))
            text.BeginName(output);
        else if (tag.SequenceEqual(name.Close))
            text.EndName();
        else if (tag.SequenceEqual(boxes.Open) || tag.SequenceEqual(boxes.Close))
            _inList = tag.SequenceEqual(boxes.Open);
        else if (_inList && tag.Length > 1 && Read(tag[1..^1]) is { } place)
            text.AddRegionNamed(place, output);
    }

    public override void End(ChannelText text, List<Segment> output) => _inList = false;

    private static TagMatch MatchBox(ReadOnlySpan<char> text)
    {
        for (var i = 1; i < text.Length && i < MaxBoxLength; i++)
        {
            if (text[i] == ']')
                return new TagMatch(TagKind.Place, i + 1);
            if (text[i] == '[')
                return new TagMatch(TagKind.Place, 1); // the bracket around the list
            if (!char.IsAsciiDigit(text[i]) && !"., -+eE\n".Contains(text[i]))
                return default;
        }
        return text.Length >= MaxBoxLength ? default : new TagMatch(TagKind.Partial);
    }

    private Place? Read(ReadOnlySpan<char> list)
    {
        Span<double> numbers = stackalloc double[4];
        var count = 0;
        foreach (var range in list.Split(','))
        {
            if (count == 4 || !double.TryParse(list[range], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[count++]))
                return null;
        }
        return count == 4 ? Places.Box(numbers) : null;
    }
}
