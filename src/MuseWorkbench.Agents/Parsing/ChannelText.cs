using System.Text;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Parsing;

/// <summary>
/// The text of one channel as the reader sees it, and the words boxes belong to. Space at the start of a turn is
/// dropped, and so is one of the two spaces that removing a location tag would leave side by side.
/// </summary>
internal sealed class ChannelText(TextChannel channel)
{
    // Without a delimiter a label ends here, so that a box never waits for a whole paragraph.
    private const int MaxLabelLength = 64;
    private const string LabelEnds = ";,.\n";

    private readonly StringBuilder _text = new();
    private readonly StringBuilder _chunk = new();
    private bool _turnStart = true;
    private bool _afterTag;
    private int _regionEnd;
    private (int Start, int Length) _lastLabel;
    private NormalizedBox? _awaitingLabel;
    private int _labelFrom;

    /// <summary>Text after this point belongs to a new turn, set apart by an empty line.</summary>
    public void BeginTurn()
    {
        _turnStart = true;
        _afterTag = false;
    }

    public void Append(ReadOnlySpan<char> text, List<Segment> output)
    {
        foreach (var c in text)
        {
            if (IsDropped(c))
                continue;
            if (_awaitingLabel is not null && EndsLabel(c))
                CloseLabel(output);
            if (_turnStart && _text.Length > 0)
                Add("\n\n");
            _turnStart = false;
            Add(c);
        }
        FlushChunk(output);
    }

    /// <summary>A box whose words stand before it, at the end of the text so far.</summary>
    public void AddRegionBefore(NormalizedBox box, List<Segment> output)
    {
        _afterTag = true;
        var (start, length) = LabelPhrase.Before(_text, _regionEnd);
        // Several boxes in a row share the words before the first.
        if (length == 0 && _regionEnd > 0 && IsBlank(_regionEnd))
            (start, length) = _lastLabel;
        Emit(start, length, box, output);
    }

    /// <summary>A box whose words come next; it is reported when they end.</summary>
    public void AddRegionAfter(NormalizedBox box, List<Segment> output)
    {
        CloseLabel(output);
        _afterTag = true;
        _awaitingLabel = box;
        _labelFrom = _text.Length;
    }

    /// <summary>Reports a box still waiting for its words with those it has.</summary>
    public void CloseLabel(List<Segment> output)
    {
        if (_awaitingLabel is not { } box)
            return;
        FlushChunk(output);
        _awaitingLabel = null;
        var (start, length) = LabelPhrase.Trim(_text, _labelFrom, _text.Length);
        Emit(start, length, box, output);
    }

    /// <summary>Markup was removed here.</summary>
    public void MarkTag() => _afterTag = true;

    private bool IsDropped(char c)
    {
        var space = char.IsWhiteSpace(c);
        if (_turnStart && space)
            return true;
        var doubled = _afterTag && c == ' ' && (_text.Length == 0 || char.IsWhiteSpace(_text[^1]));
        _afterTag = false;
        return doubled;
    }

    private bool EndsLabel(char c) => LabelEnds.Contains(c) || _text.Length - _labelFrom >= MaxLabelLength;

    private bool IsBlank(int from)
    {
        for (var i = from; i < _text.Length; i++)
        {
            if (!char.IsWhiteSpace(_text[i]))
                return false;
        }
        return true;
    }

    private void Emit(int start, int length, NormalizedBox box, List<Segment> output)
    {
        _lastLabel = (start, length);
        _regionEnd = _text.Length;
        output.Add(new RegionSegment(channel, start, length, _text.ToString(start, length), box));
    }

    private void Add(char c)
    {
        _text.Append(c);
        _chunk.Append(c);
    }

    private void Add(string s)
    {
        _text.Append(s);
        _chunk.Append(s);
    }

    private void FlushChunk(List<Segment> output)
    {
        if (_chunk.Length == 0)
            return;
        output.Add(new TextSegment(channel, _chunk.ToString()));
        _chunk.Clear();
    }
}
