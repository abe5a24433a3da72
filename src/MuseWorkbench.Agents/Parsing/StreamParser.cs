using System.Text;
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
    private readonly ChannelText _reasoning = new(TextChannel.Reasoning);
    private readonly ChannelText _answer = new(TextChannel.Answer);
    private readonly List<int> _locations = new(4);
    private readonly StringBuilder _call = new();
    private List<Segment> _output = [];
    private string _held = "";
    private bool _inCall;
    private TextChannel _channel;

    public StreamParser(ModelMarkup markup)
    {
        _markup = markup;
        _tags = new TagMatcher(markup);
        _channel = FirstChannel;
    }

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
        return TakeOutput();
    }

    /// <summary>A server that splits reasoning off itself says what comes next is <paramref name="channel"/>.</summary>
    public IReadOnlyList<Segment> SwitchTo(TextChannel channel)
    {
        Settle();
        _channel = channel;
        return TakeOutput();
    }

    private int FeedText(string text, int at)
    {
        var rest = text.AsSpan(at);
        var plain = _tags.NextCandidate(rest);
        if (plain > 0)
        {
            AppendText(rest[..plain]);
            return plain;
        }
        var match = _tags.Match(rest);
        switch (match.Kind)
        {
            case TagKind.None:
                AppendText(rest[..1]);
                return 1;
            case TagKind.Partial:
                _held = rest.ToString();
                return rest.Length;
            case TagKind.Location:
                AddLocation(match.Value);
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

    private void AddLocation(int value)
    {
        var grounding = _markup.Grounding!;
        if (_locations.Count == 0)
            Current.CloseLabel(_output);
        _locations.Add(value);
        Current.MarkTag();
        if (_locations.Count < 4)
            return;
        var v = _locations.Select(grounding.ShareOf).ToArray();
        _locations.Clear();
        var box = grounding.Order == CoordinateOrder.YxYx
            ? BoxFrom(v[1], v[0], v[3], v[2])
            : BoxFrom(v[0], v[1], v[2], v[3]);
        if (box is not { } whole)
            return;
        if (grounding.LabelIn(_channel) == LabelSide.Before)
            Current.AddRegionBefore(whole, _output);
        else
            Current.AddRegionAfter(whole, _output);
    }

    /// <summary>Orders corners and clips to the canvas; null where nothing is left.</summary>
    private static NormalizedBox? BoxFrom(double x0, double y0, double x1, double y1)
    {
        var box = new NormalizedBox(
            Math.Clamp(Math.Min(x0, x1), 0, 1), Math.Clamp(Math.Min(y0, y1), 0, 1),
            Math.Clamp(Math.Max(x0, x1), 0, 1), Math.Clamp(Math.Max(y0, y1), 0, 1));
        return box.X1 > box.X0 && box.Y1 > box.Y0 ? box : null;
    }

    private void AppendText(ReadOnlySpan<char> text)
    {
        // Fewer than four locations are no place; the tags are still markup and stay out of the text.
        _locations.Clear();
        Current.Append(text, _output);
    }

    private void CloseMarkup()
    {
        _locations.Clear();
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
