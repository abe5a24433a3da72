using System.Text;
using MuseWorkbench.Agents.Parsing.Grounding;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Parsing;

/// <summary>
/// The text of one channel as the reader sees it, and the words places belong to. Space at the start of a turn is
/// dropped, and so is one of the two spaces that removing a tag would leave side by side.
/// </summary>
/// <param name="channel">Which one.</param>
/// <param name="json">Finds places that JSON in the text names; null where the family names none.</param>
/// <param name="closeUp">Which picture the turn speaks of, in words; null where the family has no words for it.</param>
internal sealed class ChannelText(TextChannel channel, JsonPlaceReader? json = null, CloseUpMention? closeUp = null)
{
    /// <summary>Most places of a channel; what is named beyond them stays text. A scene has dozens, a broken model thousands.</summary>
    public const int MaxRegions = 300;

    // Without a delimiter a label ends here, so that a box never waits for a whole paragraph.
    private const int MaxLabelLength = 64;
    private const string LabelEnds = ";,.\n";

    private readonly StringBuilder _text = new();
    private readonly StringBuilder _chunk = new();
    private readonly List<JsonPlace> _found = [];
    private bool _turnStart = true;
    private bool _afterTag;
    private bool _setApart;
    private int _regionEnd;
    private int _regions;
    private (int Start, int Length) _lastLabel;
    private (int Start, int Length)? _name;
    private int? _nameFrom;
    private Place? _awaitingLabel;
    private List<Place>? _held;
    private string _heldName = "";
    private int _labelFrom;

    public TextChannel Channel => channel;

    /// <summary>Text after this point belongs to a new turn, set apart by an empty line.</summary>
    public void BeginTurn()
    {
        _turnStart = true;
        _afterTag = _setApart = false;
        (_name, _nameFrom) = (null, null);
        json?.Reset();
    }

    public void Append(ReadOnlySpan<char> text, List<Segment> output)
    {
        foreach (var c in text)
        {
            if (IsDropped(c))
                continue;
            if (_awaitingLabel is not null && EndsLabel(c))
                CloseLabel(output);
            if (_held is not null && _text.Length - _labelFrom >= MaxLabelLength)
                ReleaseHeld(output);
            if (_turnStart && _text.Length > 0)
                Add("\n\n");
            else if (_setApart && !char.IsWhiteSpace(c))
                Add("\n");
            _turnStart = _setApart = false;
            if (_nameFrom is null && !char.IsWhiteSpace(c))
                _name = null;
            Add(c);
            if (channel == TextChannel.Reasoning)
                closeUp?.Take(c);
            Watch(c, output);
        }
        FlushChunk(output);
    }

    /// <summary>A place whose words stand before it, at the end of the text so far.</summary>
    public void AddRegionBefore(Place place, List<Segment> output)
    {
        _afterTag = true;
        var (start, length) = LabelPhrase.Before(_text, _regionEnd);
        EmitAfterWords(start, length, place, output);
    }

    /// <summary>A place whose words are all since the one before; what follows starts a line, as nothing else sets it apart.</summary>
    public void AddRegionAfterLine(Place place, List<Segment> output)
    {
        var from = _regionEnd;
        for (var i = _text.Length - 1; i >= from; i--)
        {
            if (_text[i] == '\n')
                from = i + 1;
        }
        var (start, length) = LabelPhrase.Trim(_text, from, _text.Length);
        EmitAfterWords(start, length, place, output);
        _setApart = true;
    }

    /// <summary>A place whose words come next; it is reported when they end.</summary>
    public void AddRegionAfter(Place place, List<Segment> output)
    {
        CloseLabel(output);
        _afterTag = true;
        _awaitingLabel = place;
        _labelFrom = _text.Length;
    }

    /// <summary>Reports a place still waiting for its words with those it has.</summary>
    public void CloseLabel(List<Segment> output)
    {
        if (_awaitingLabel is not { } place)
            return;
        FlushChunk(output);
        _awaitingLabel = null;
        var (start, length) = LabelPhrase.Trim(_text, _labelFrom, _text.Length);
        Emit(start, length, place, output);
    }

    /// <summary>The words up to <see cref="EndName"/> name the places after it.</summary>
    public void BeginName(List<Segment> output)
    {
        CloseLabel(output);
        _nameFrom = _text.Length;
    }

    public void EndName()
    {
        if (_nameFrom is { } from)
            _name = LabelPhrase.Trim(_text, from, _text.Length);
        _nameFrom = null;
    }

    /// <summary>A place with the name that was marked right before it; else with the words before it.</summary>
    public void AddRegionNamed(Place place, List<Segment> output)
    {
        EndName();
        if (_name is { } name)
            Emit(name.Start, name.Length, place, output);
        else
            AddRegionBefore(place, output);
    }

    /// <summary>Places whose words come next, up to <see cref="ReleaseHeld"/>; without words they are called <paramref name="name"/>.</summary>
    public void Hold(List<Place> places, string name, List<Segment> output)
    {
        ReleaseHeld(output);
        (_held, _heldName, _labelFrom) = (places, name, _text.Length);
    }

    public void ReleaseHeld(List<Segment> output)
    {
        if (_held is not { } places)
            return;
        FlushChunk(output);
        _held = null;
        var (start, length) = LabelPhrase.Trim(_text, _labelFrom, _text.Length);
        foreach (var place in places)
            Emit(start, length, place, output, length > 0 ? null : _heldName);
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

    private void Watch(char c, List<Segment> output)
    {
        if (json is null)
            return;
        json.Take(c, _text.Length - 1, _found);
        if (_found.Count == 0)
            return;
        FlushChunk(output);
        foreach (var (place, label, start, length) in _found)
            Emit(start, length, place, output, label);
        _found.Clear();
    }

    // Several places in a row share the words before the first.
    private void EmitAfterWords(int start, int length, Place place, List<Segment> output)
    {
        FlushChunk(output);
        if (length == 0 && _regionEnd > 0 && IsBlank(_regionEnd))
            (start, length) = _lastLabel;
        Emit(start, length, place, output);
    }

    private void Emit(int start, int length, Place place, List<Segment> output, string? label = null)
    {
        _lastLabel = (start, length);
        _regionEnd = _text.Length;
        if (_regions++ < MaxRegions)
        {
            output.Add(new RegionSegment(channel, start, length, label ?? _text.ToString(start, length), place.Box)
            {
                Polygon = place.Polygon,
                Picture = place.Picture == PlacePicture.Unnamed && closeUp is not null ? closeUp.PictureIn(channel) : place.Picture,
            });
        }
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
