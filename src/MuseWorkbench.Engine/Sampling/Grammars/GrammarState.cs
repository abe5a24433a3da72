namespace MuseWorkbench.Engine.Sampling.Grammars;

/// <summary>How far an output has come in a grammar: every way to read it at once, and the character that is not whole yet. Immutable.</summary>
internal sealed class GrammarState
{
    /// <summary>Ways to read an output followed at once. A schema of hundreds of optional properties needs hundreds.</summary>
    public const int MaxFrames = 4096;

    private readonly Grammar _grammar;
    private readonly GrammarFrame[] _frames; // each stands at a character
    private readonly int _partial; // bits of the character so far
    private readonly int _missing; // bytes it still needs
    private readonly ulong[] _loops = new ulong[2]; // characters below 128 known to lead back here, as within a string

    private GrammarState(Grammar grammar, GrammarFrame[] frames, bool complete, int partial = 0, int missing = 0) =>
        (_grammar, _frames, IsComplete, _partial, _missing) = (grammar, frames, complete, partial, missing);

    /// <summary>Whether the output may end here.</summary>
    public bool IsComplete { get; }

    /// <summary>Whether it must: nothing can follow.</summary>
    public bool IsExhausted => _frames.Length == 0;

    public static GrammarState Initial(Grammar grammar)
    {
        var reached = new Reached(grammar);
        foreach (var start in grammar.Alternatives(grammar.Root))
        {
            reached.Add(grammar.Element(start).IsEnd ? null : new(start, null));
        }
        return reached.ToState();
    }

    /// <summary>The state after one more byte of UTF-8; null where it does not fit.</summary>
    /// <exception cref="GrammarAmbiguousException">There are too many ways to read it.</exception>
    public GrammarState? Advance(byte next)
    {
        int value, missing;
        if (next < 0x80 && (_loops[next >> 6] >> (next & 63) & 1) != 0)
        {
            return this;
        }
        if (_missing > 0)
        {
            if ((next & 0xC0) != 0x80)
            {
                return null;
            }
            (value, missing) = ((_partial << 6) | (next & 0x3F), _missing - 1);
        }
        else if (next < 0x80)
        {
            (value, missing) = (next, 0);
        }
        else if (next is >= 0xC2 and < 0xF5)
        {
            (value, missing) = next < 0xE0 ? (next & 0x1F, 1) : next < 0xF0 ? (next & 0x0F, 2) : (next & 0x07, 3);
        }
        else
        {
            return null;
        }
        return missing == 0 ? Read(value) : Narrow(value, missing);
    }

    /// <summary>Keeps the ways that some character with these first bits fits.</summary>
    private GrammarState? Narrow(int value, int missing)
    {
        var low = value << (6 * missing);
        var high = low | ((1 << (6 * missing)) - 1);
        // A character longer than it needs to be is no UTF-8, and what is beyond the last is none.
        low = Math.Max(low, _missing > 0 ? low : missing switch { 2 => 0x800, 3 => 0x10000, _ => 0x80 });
        var kept = low > high ? [] : Array.FindAll(_frames, frame => _grammar.Element(frame.Position).Characters!.Overlaps(low, high));
        return kept.Length == 0 ? null : new(_grammar, kept, complete: false, value, missing);
    }

    private GrammarState? Read(int character)
    {
        Reached? reached = null;
        foreach (var frame in _frames)
        {
            if (_grammar.Element(frame.Position).Characters!.Contains(character))
            {
                reached ??= new(_grammar);
                reached.Add(_grammar.Element(frame.Position + 1).IsEnd ? frame.Parent : new(frame.Position + 1, frame.Parent));
            }
        }
        if (reached?.ToState() is not { } state)
        {
            return null;
        }
        if (_missing == 0 && state.IsComplete == IsComplete && state._frames.AsSpan().SequenceEqual(_frames))
        {
            return Loop(character);
        }
        return state;
    }

    /// <summary>
    /// Going through a vocabulary asks the same of a state over and over. Only that it leads back to itself is remembered: what a state
    /// leads to would grow without end in a grammar that many sequences share.
    /// </summary>
    private GrammarState Loop(int character)
    {
        if (character < 0x80)
        {
            Interlocked.Or(ref _loops[character >> 6], 1UL << (character & 63));
        }
        return this;
    }

    /// <summary>Collects the characters that can come next by way of the rules called.</summary>
    private sealed class Reached(Grammar grammar)
    {
        private readonly HashSet<GrammarFrame> _seen = [];
        private readonly Stack<GrammarFrame> _open = new();
        private readonly List<GrammarFrame> _frames = [];
        private bool _complete;

        public void Add(GrammarFrame? frame)
        {
            Push(frame);
            while (_open.TryPop(out var top))
            {
                ref readonly var element = ref grammar.Element(top.Position);
                if (element.Characters is not null)
                {
                    _frames.Add(top);
                    continue;
                }
                var rest = grammar.Element(top.Position + 1).IsEnd ? top.Parent : new GrammarFrame(top.Position + 1, top.Parent);
                foreach (var start in grammar.Alternatives(element.Rule))
                {
                    Push(grammar.Element(start).IsEnd ? rest : new(start, rest));
                }
            }
        }

        public GrammarState ToState() => new(grammar, [.. _frames], _complete);

        private void Push(GrammarFrame? frame)
        {
            if (frame is null)
            {
                _complete = true;
            }
            else if (_seen.Add(frame))
            {
                if (_seen.Count > MaxFrames)
                {
                    throw new GrammarAmbiguousException();
                }
                _open.Push(frame);
            }
        }
    }
}
