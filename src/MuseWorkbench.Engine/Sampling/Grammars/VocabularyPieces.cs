namespace MuseWorkbench.Engine.Sampling.Grammars;

/// <summary>The text of every token, in order of its bytes, so that what a prefix rules out is passed over at once. Immutable.</summary>
internal sealed class VocabularyPieces
{
    private readonly byte[][] _pieces;
    private readonly int[] _order; // tokens that stand for text, by their bytes
    private readonly int[] _common; // bytes each has in common with the one before
    private readonly bool[] _ends;

    /// <param name="piece">The bytes a token adds to the output; none for control tokens without a text of their own, which no grammar can ask for.</param>
    /// <param name="ends">Whether a token ends generation.</param>
    public VocabularyPieces(int size, Func<int, byte[]> piece, Func<int, bool> ends)
    {
        _pieces = [.. Enumerable.Range(0, size).Select(piece)];
        _ends = [.. Enumerable.Range(0, size).Select(ends)];
        _order = [.. Enumerable.Range(0, size).Where(token => _pieces[token].Length > 0 && !_ends[token])];
        Array.Sort(_order, (a, b) => _pieces[a].AsSpan().SequenceCompareTo(_pieces[b]));
        _common = new int[_order.Length];
        for (var i = 1; i < _order.Length; i++)
        {
            _common[i] = _pieces[_order[i - 1]].AsSpan().CommonPrefixLength(_pieces[_order[i]]);
        }
        Longest = _order.Length == 0 ? 0 : _order.Max(token => _pieces[token].Length);
    }

    public int Size => _pieces.Length;

    private int Longest { get; }

    public bool Ends(int token) => _ends[token];

    /// <summary>The state after a token that does not end generation; null where it may not come.</summary>
    public ConstraintState? Advance(ConstraintState state, int token) =>
        _pieces[token].Length == 0 ? null : state.Advance(_pieces[token].AsSpan());

    /// <summary>Sets the logits of tokens that may not come to −∞. Says whether any is left.</summary>
    public bool Mask(ConstraintState state, Span<float> logits)
    {
        var any = false;
        for (var token = 0; token < logits.Length; token++)
        {
            if (_ends[token] ? !state.MayEnd : _pieces[token].Length == 0)
            {
                logits[token] = float.NegativeInfinity;
            }
            else if (_ends[token])
            {
                any = true;
            }
        }
        var states = new ConstraintState?[Longest + 1];
        states[0] = state;
        var dead = int.MaxValue; // length of the shortest beginning of the latest token that is ruled out
        for (var i = 0; i < _order.Length; i++)
        {
            var piece = _pieces[_order[i]];
            if (_common[i] < dead)
            {
                dead = int.MaxValue;
                for (var depth = _common[i]; depth < piece.Length; depth++)
                {
                    states[depth + 1] = states[depth]!.Advance(piece[depth]);
                    if (states[depth + 1] is null)
                    {
                        dead = depth + 1;
                        break;
                    }
                }
            }
            if (dead <= piece.Length)
            {
                logits[_order[i]] = float.NegativeInfinity;
            }
            else
            {
                any = true;
            }
        }
        return any;
    }
}
