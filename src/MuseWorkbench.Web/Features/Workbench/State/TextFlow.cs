using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Workbench.State;

/// <summary>
/// One channel of an agent's text as it arrives: short pieces, most of them never touched again. Only the last
/// piece grows, so a panel re-sends a few words per frame, never the whole text.
/// </summary>
public sealed class TextFlow
{
    /// <summary>A piece is closed once it is this long (UTF-16 units).</summary>
    private const int PieceLength = 160;

    private readonly List<FlowItem> _items = [];
    private readonly List<(int Start, int Length, RegionMark Mark)> _early = [];
    private int _nextId;

    /// <summary>Pieces of text and tool calls in the order they happened.</summary>
    public IReadOnlyList<FlowItem> Items => _items;

    /// <summary>Length of the accumulated text in UTF-16 units; tool calls don't count.</summary>
    public int Length { get; private set; }

    public bool IsEmpty => _items.Count == 0;

    public void Append(string text)
    {
        if (text.Length == 0)
        {
            return;
        }

        if (_items is [.., TextItem { Mark: null } tail] && tail.Text.Length < PieceLength)
        {
            _items[^1] = tail with { Text = tail.Text + text };
        }
        else
        {
            _items.Add(new TextItem(_nextId++, text, null));
        }

        Length += text.Length;
        ApplyEarlyMarks();
    }

    /// <summary>Ties the words <c>[start, start + length)</c> to a region; waits for them where they have not arrived yet.</summary>
    public void Mark(int start, int length, RegionMark mark)
    {
        if (length <= 0 || start < 0)
        {
            return;
        }

        if (start + length > Length)
        {
            _early.Add((start, length, mark));
            return;
        }

        var offset = Length;
        for (var i = _items.Count - 1; i >= 0 && offset > start; i--)
        {
            if (_items[i] is not TextItem piece)
            {
                continue;
            }

            offset -= piece.Text.Length;
            var from = Math.Max(start - offset, 0);
            var to = Math.Min(start + length - offset, piece.Text.Length);
            if (piece.Mark is null && from < to)
            {
                Split(i, piece, from, to, mark);
            }
        }
    }

    public CallItem AddCall(string callId, string tool, string arguments)
    {
        var call = new CallItem(_nextId++, callId, tool, arguments);
        _items.Add(call);
        return call;
    }

    /// <summary>Records a call's result; false where no such call is open.</summary>
    public bool CompleteCall(string callId, string result, bool isError, ImageRef? image = null)
    {
        var index = _items.FindLastIndex(item => item is CallItem call && call.CallId == callId);
        if (index < 0)
        {
            return false;
        }

        _items[index] = (CallItem)_items[index] with { Result = result, IsError = isError, Image = image };
        return true;
    }

    /// <summary>The agent is over: a call without a result will have none.</summary>
    public void EndCalls()
    {
        for (var i = 0; i < _items.Count; i++)
        {
            if (_items[i] is CallItem { Result: null } call)
            {
                _items[i] = call with { Result = "the agent ended before it was served", IsError = true };
            }
        }
    }

    /// <summary>The accumulated text.</summary>
    public override string ToString() => string.Concat(_items.OfType<TextItem>().Select(item => item.Text));

    private void ApplyEarlyMarks()
    {
        for (var i = _early.Count - 1; i >= 0; i--)
        {
            var (start, length, mark) = _early[i];
            if (start + length <= Length)
            {
                _early.RemoveAt(i);
                Mark(start, length, mark);
            }
        }
    }

    private void Split(int index, TextItem piece, int from, int to, RegionMark mark)
    {
        var parts = new List<FlowItem>(3);
        if (from > 0)
        {
            parts.Add(piece with { Text = piece.Text[..from] });
        }

        parts.Add(new TextItem(_nextId++, piece.Text[from..to], mark));
        if (to < piece.Text.Length)
        {
            parts.Add(new TextItem(_nextId++, piece.Text[to..], null));
        }

        _items.RemoveAt(index);
        _items.InsertRange(index, parts);
    }
}

/// <summary>Something in a text flow; <paramref name="Id"/> is stable and unique within the flow.</summary>
public abstract record FlowItem(int Id);

/// <summary>Words, tied to a region where they name one.</summary>
public sealed record TextItem(int Id, string Text, RegionMark? Mark) : FlowItem(Id);

/// <summary>A tool call in place; <see cref="Result"/> is null while it runs.</summary>
public sealed record CallItem(int Id, string CallId, string Tool, string Arguments, string? Result = null, bool IsError = false) : FlowItem(Id)
{
    /// <summary>The picture the tool made; null for none.</summary>
    public ImageRef? Image { get; init; }
}
