namespace MuseWorkbench.Agents.Parsing.Grounding;

/// <summary>
/// <c>&lt;phrase&gt; a fire&lt;/phrase&gt;&lt;object&gt;&lt;patch_index_0005&gt;&lt;patch_index_0911&gt;&lt;/object&gt;</c>
/// (Kosmos-2): two cells of a grid of 32 × 32, the corners' centres; where both lie in one row or column, the cells'
/// outer edges, as the family's own post-processing has it.
/// </summary>
internal sealed class PatchIndexTags(PlaceMaker places) : PlaceTagReader(places)
{
    private const int Side = 32;
    private const string Patch = "<patch_index_";

    private static readonly string[] s_literals =
        ["<grounding>", "<phrase>", "</phrase>", "<object>", "</object>", "</delimiter_of_multi_objects/>"];

    private int? _first;

    public override TagMatch Match(ReadOnlySpan<char> text) => Either(MatchNumber(text, Patch), MatchLiteral(text, s_literals));

    public override void Take(ReadOnlySpan<char> tag, ChannelText text, List<Segment> output)
    {
        text.MarkTag();
        if (!tag.StartsWith(Patch, StringComparison.Ordinal))
        {
            _first = null;
            if (tag is "<phrase>")
                text.BeginName(output);
            else if (tag is "</phrase>")
                text.EndName();
            return;
        }
        var index = NumberIn(tag, Patch);
        if (_first is not { } first)
            _first = index;
        else
        {
            _first = null;
            if (BoxOf(first, index) is { } place)
                text.AddRegionNamed(place, output);
        }
    }

    public override void Interrupt() => _first = null;

    public override void End(ChannelText text, List<Segment> output) => _first = null;

    private static Place? BoxOf(int first, int last)
    {
        if (Math.Max(first, last) >= Side * Side)
            return null;
        var (x0, y0, x1, y1) = (first % Side, first / Side, last % Side, last / Side);
        return x0 == x1 || y0 == y1
            ? PlaceMaker.BoxOfShares(Share(Math.Min(x0, x1)), Share(Math.Min(y0, y1)), Share(Math.Max(x0, x1) + 1), Share(Math.Max(y0, y1) + 1))
            : PlaceMaker.BoxOfShares(Share(x0 + 0.5), Share(y0 + 0.5), Share(x1 + 0.5), Share(y1 + 0.5));

        static double Share(double cells) => cells / Side;
    }
}
