using System.Globalization;

namespace MuseWorkbench.Agents.Parsing.Grounding;

/// <summary>
/// Points as attributes of a tag around their name. <see cref="MolmoPoints"/> and <see cref="MolmoCoordinates"/> differ in
/// the attributes.
/// </summary>
internal abstract class PointTags(PlaceMaker places) : PlaceTagReader(places)
{
    /// <summary>Longest opening tag; one that goes on is text.</summary>
    private const int MaxLength = 16 * 1024;

    private static readonly string[] s_opens = ["<points", "<point"];
    private static readonly string[] s_closes = ["</points>", "</point>"];

    public override TagMatch Match(ReadOnlySpan<char> text) => Either(MatchOpen(text), MatchLiteral(text, s_closes));

    public override void Take(ReadOnlySpan<char> tag, ChannelText text, List<Segment> output)
    {
        text.MarkTag();
        if (tag[1] == '/')
        {
            text.ReleaseHeld(output);
            return;
        }
        var attributes = AttributesOf(tag);
        text.Hold(PlacesOf(attributes), attributes.GetValueOrDefault("alt") ?? "", output);
    }

    public override void End(ChannelText text, List<Segment> output) => text.ReleaseHeld(output);

    /// <summary>The points an opening tag's attributes name, in order.</summary>
    protected abstract List<Place> PlacesOf(Dictionary<string, string> attributes);

    protected static bool TryNumber(ReadOnlySpan<char> text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);

    private static TagMatch MatchOpen(ReadOnlySpan<char> text)
    {
        var open = MatchLiteral(text, s_opens);
        if (open.Kind != TagKind.Place)
            return open;
        if (text.Length == open.Length)
            return new TagMatch(TagKind.Partial);
        if (text[open.Length] is not (' ' or '>'))
            return default;
        var quoted = false;
        for (var i = open.Length; i < text.Length; i++)
        {
            quoted ^= text[i] == '"';
            if (i >= MaxLength || (!quoted && text[i] == '<'))
                return default;
            if (!quoted && text[i] == '>')
                return new TagMatch(TagKind.Place, i + 1);
        }
        return new TagMatch(TagKind.Partial);
    }

    private static Dictionary<string, string> AttributesOf(ReadOnlySpan<char> tag)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        var rest = tag[(tag.IndexOfAny(' ', '>') + 1)..];
        while (rest.IndexOf("=\"") is var equals and >= 0)
        {
            var name = rest[..equals].Trim();
            rest = rest[(equals + 2)..];
            var end = rest.IndexOf('"');
            if (end < 0)
                break;
            found.TryAdd(name.ToString(), rest[..end].ToString());
            rest = rest[(end + 1)..];
        }
        return found;
    }
}

/// <summary><c>&lt;point x="9.1" y="11.7" alt="egg"&gt;egg&lt;/point&gt;</c>, <c>&lt;points x1= y1= x2= y2= …&gt;</c>: hundredths of the image (Molmo 1).</summary>
internal sealed class MolmoPoints(PlaceMaker places) : PointTags(places)
{
    protected override List<Place> PlacesOf(Dictionary<string, string> attributes)
    {
        List<Place> found = [];
        foreach (var (name, value) in attributes)
        {
            if (name.StartsWith('x') && attributes.TryGetValue($"y{name[1..]}", out var other)
                && TryNumber(value, out var x) && TryNumber(other, out var y) && Places.PointOf(x, y) is { } point)
                found.Add(point);
        }
        return found;
    }
}

/// <summary>
/// <c>&lt;points coords="1 1 308 305 2 752 377"&gt;egg&lt;/points&gt;</c>: the image's number from 1, then an object's
/// number and its place in thousandths, again and again; images are set apart by semicolons (Molmo 2).
/// </summary>
internal sealed class MolmoCoordinates(PlaceMaker places) : PointTags(places)
{
    protected override List<Place> PlacesOf(Dictionary<string, string> attributes)
    {
        List<Place> found = [];
        foreach (var image in (attributes.GetValueOrDefault("coords") ?? "").Split(';'))
        {
            var words = image.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || !int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0)
                continue;
            for (var i = 1; i + 2 < words.Length; i += 3)
            {
                if (TryNumber(words[i + 1], out var x) && TryNumber(words[i + 2], out var y) && Places.PointOf(x, y) is { } point)
                    found.Add(point with { Picture = new PlacePicture(number - 1) });
            }
        }
        return found;
    }
}
