using System.Collections.Immutable;
using System.Text;
using MuseWorkbench.Agents.Parsing.Grounding;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Parsing;

/// <summary>
/// Splits one agent's raw text, fed in any fragments, into reasoning, answer, tool calls and regions as it arrives.
/// The beginning of a possible tag is held back until it is one (and never shown) or is not (and shown as text).
/// Not thread-safe.
/// </summary>
public sealed class StreamParser
{
    private readonly ModelMarkup _markup;
    private readonly TagMatcher _tags;
    private readonly PlaceTagReader? _places;
    private readonly CloseUpMention? _closeUp;
    private readonly ChannelText _reasoning;
    private readonly ChannelText _answer;
    private readonly StringBuilder _call = new();
    private List<Segment> _output = [];
    private string _held = "";
    private bool _inCall;
    private TextChannel _channel;

    /// <param name="markup">The family's.</param>
    /// <param name="inputs">Size in pixels of each image as the model saw it; needed where a family's numbers are such pixels.</param>
    public StreamParser(ModelMarkup markup, ImmutableArray<(int Width, int Height)> inputs = default)
    {
        _markup = markup;
        _tags = new TagMatcher(markup);
        _channel = FirstChannel;
        var places = markup.Grounding is { } grounding ? new PlaceMaker(grounding, inputs.IsDefault ? [] : inputs) : null;
        _places = places is null ? null : markup.Grounding!.Tags?.Invoke(places);
        _closeUp = markup.Grounding is { SaysCloseUp: true } ? new CloseUpMention() : null;
        _reasoning = new ChannelText(TextChannel.Reasoning, NewJson(), _closeUp);
        _answer = new ChannelText(TextChannel.Answer, NewJson(), _closeUp);

        JsonPlaceReader? NewJson() => places is null ? null : new JsonPlaceReader(places, markup.Grounding!.Json);
    }

    /// <summary>Where text that comes next belongs.</summary>
    public TextChannel Channel => _channel;

    private TextChannel FirstChannel => _markup.ReasoningIsOpen ? TextChannel.Reasoning : TextChannel.Answer;
    private ChannelText Current => _channel == TextChannel.Reasoning ? _reasoning : _answer;

    /// <summary>Takes the next fragment of raw text and returns what is now certain.</summary>
    public IReadOnlyList<Segment> Feed(string fragment)
    {
        var text = _held.Length == 0 ? fragment : _held + fragment;
        _held = "";
        var at = 0;
        while (at < text.Length)
            at += _inCall ? FeedCall(text, at) : FeedText(text, at);
        return TakeOutput();
    }

    /// <summary>The turn's text is over: gives out what was held back. Text of the next turn is set apart from this one's.</summary>
    public IReadOnlyList<Segment> EndTurn()
    {
        Settle();
        _channel = FirstChannel;
        _reasoning.BeginTurn();
        _answer.BeginTurn();
        _closeUp?.BeginTurn();
        return TakeOutput();
    }

    /// <summary>A server that splits reasoning off itself says what comes next is <paramref name="channel"/>.</summary>
    public IReadOnlyList<Segment> SwitchTo(TextChannel channel)
    {
        Settle();
        _channel = channel;
        return TakeOutput();
    }

    /// <summary>Gives out what was held back: something that is no text comes next.</summary>
    public IReadOnlyList<Segment> Flush()
    {
        Settle();
        return TakeOutput();
    }

    private int FeedText(string text, int at)
    {
        var rest = text.AsSpan(at);
        var plain = Math.Min(_tags.NextCandidate(rest), _places?.NextCandidate(rest) ?? rest.Length);
        if (plain > 0)
        {
            AppendText(rest[..plain]);
            return plain;
        }
        var match = _tags.Match(rest);
        if (match.Kind is TagKind.None or TagKind.Partial && _places?.Match(rest) is { Kind: not TagKind.None } place)
            match = place;
        switch (match.Kind)
        {
            case TagKind.None:
                AppendText(rest[..1]);
                return 1;
            case TagKind.Partial:
                _held = rest.ToString();
                return rest.Length;
            case TagKind.Place:
                _places!.Take(rest[..match.Length], Current, _output);
                return match.Length;
            default:
                CloseMarkup();
                _channel = match.Kind == TagKind.ReasoningOpen ? TextChannel.Reasoning : TextChannel.Answer;
                _inCall = match.Kind == TagKind.ToolCallOpen;
                return match.Length;
        }
    }

    private int FeedCall(string text, int at)
    {
        var close = _markup.ToolCall!.Close;
        var searchFrom = Math.Max(0, _call.Length - close.Length + 1);
        var before = _call.Length;
        _call.Append(text, at, text.Length - at);
        var tail = _call.ToString(searchFrom, _call.Length - searchFrom);
        var found = tail.IndexOf(close, StringComparison.Ordinal);
        if (found < 0)
            return text.Length - at;
        var bodyLength = searchFrom + found;
        var used = bodyLength + close.Length - before;
        _output.Add(ToolCallReader.Read(_call.ToString(0, bodyLength)));
        _call.Clear();
        _inCall = false;
        return used;
    }

    private void AppendText(ReadOnlySpan<char> text)
    {
        _places?.Interrupt();
        Current.Append(text, _output);
    }

    private void CloseMarkup()
    {
        _places?.End(Current, _output);
        Current.CloseLabel(_output);
    }

    private void Settle()
    {
        if (_inCall)
        {
            // A call cut off before its closing tag counts where it is whole, else what was written stays readable.
            var body = _call.ToString();
            _call.Clear();
            _inCall = false;
            var call = ToolCallReader.Read(body);
            if (call.Error is null)
                _output.Add(call);
            else
                AppendText(_markup.ToolCall!.Open + body);
        }
        if (_held.Length > 0)
            AppendText(_held);
        _held = "";
        CloseMarkup();
    }

    private List<Segment> TakeOutput()
    {
        var output = _output;
        _output = [];
        return output;
    }
}
