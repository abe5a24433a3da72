using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Parsing.Grounding;

/// <summary>Where the words naming a place stand.</summary>
internal enum LabelSide
{
    /// <summary>Right before it; the name is found among them.</summary>
    Before,
    /// <summary>Before it, all since the place before.</summary>
    AllBefore,
    /// <summary>After it, up to a delimiter.</summary>
    After,
}

/// <summary>
/// Four numbered tags are a box (PaliGemma, Muse Mini, Florence-2), or eight the corners of a quad (Florence-2's text
/// regions); in a family that has polygons, those between two tags of its own are one. PaliGemma's mask tags stand for entries of a trained code book: they are taken out of the
/// text, and no outline is made of them.
/// </summary>
internal sealed class LocationTags(
    PlaceMaker places, string start, LabelSide inReasoning, LabelSide inAnswer, string? dropped = null, TagPair? polygon = null, bool quads = false)
    : PlaceTagReader(places)
{
    private readonly List<double> _numbers = new(8);
    private readonly int _whole = quads ? 8 : 4;
    private readonly string[] _literals = polygon is null ? [] : [polygon.Open, polygon.Close, "<sep>"];
    private bool _inPolygon;

    public override TagMatch Match(ReadOnlySpan<char> text)
    {
        var match = MatchNumber(text, start);
        if (dropped is not null)
            match = Either(match, MatchNumber(text, dropped));
        return Either(match, MatchLiteral(text, _literals));
    }

    public override void Take(ReadOnlySpan<char> tag, ChannelText text, List<Segment> output)
    {
        text.MarkTag();
        if (polygon is not null && tag.SequenceEqual(polygon.Open))
            BeginPolygon();
        else if (polygon is not null && (tag.SequenceEqual(polygon.Close) || tag is "<sep>"))
            EndPolygon(closed: tag is not "<sep>", text, output);
        else if (tag.StartsWith(start, StringComparison.Ordinal))
            Add(NumberIn(tag, start), text, output);
    }

    // Fewer locations than a place takes are none; the tags are still markup and stay out of the text.
    public override void Interrupt() => Clear();

    public override void End(ChannelText text, List<Segment> output)
    {
        _inPolygon = false;
        Clear();
    }

    private void Add(int number, ChannelText text, List<Segment> output)
    {
        if (_numbers.Count == 0)
            text.CloseLabel(output);
        if (_numbers.Count <= 2 * PlaceMaker.MaxCorners)
            _numbers.Add(number);
        if (_inPolygon || _numbers.Count < _whole)
            return;
        Put(quads ? Places.Polygon(_numbers.ToArray()) : Places.Box(_numbers.ToArray()), text, output);
        Clear();
    }

    private void BeginPolygon()
    {
        _inPolygon = true;
        Clear();
    }

    private void EndPolygon(bool closed, ChannelText text, List<Segment> output)
    {
        if (_inPolygon)
            Put(Places.Polygon(_numbers.ToArray()), text, output);
        _inPolygon &= !closed;
        Clear();
    }

    private void Put(Place? place, ChannelText text, List<Segment> output)
    {
        if (place is not { } whole)
            return;
        switch (text.Channel == TextChannel.Reasoning ? inReasoning : inAnswer)
        {
            case LabelSide.Before:
                text.AddRegionBefore(whole, output);
                break;
            case LabelSide.AllBefore:
                text.AddRegionAfterLine(whole, output);
                break;
            default:
                text.AddRegionAfter(whole, output);
                break;
        }
    }

    private void Clear() => _numbers.Clear();
}
