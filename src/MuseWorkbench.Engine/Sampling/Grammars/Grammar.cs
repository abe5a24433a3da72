using System.Text;

namespace MuseWorkbench.Engine.Sampling.Grammars;

/// <summary>
/// A checked grammar in llama.cpp's GBNF, ready to follow an output byte by byte. Immutable, shared by many sequences.
/// It is followed in managed code: llama.cpp's own sampler ends the process where a token does not fit or a grammar is
/// hostile, and its parser writes to standard error.
/// </summary>
public sealed class Grammar
{
    /// <summary>The longest text, in bytes of UTF-8.</summary>
    public const int MaxBytes = 64 * 1024;

    private readonly GrammarElement[] _elements;
    private readonly int[][] _rules;

    private Grammar(GrammarRules rules)
    {
        var elements = new List<GrammarElement>();
        _rules = new int[rules.Count][];
        for (var rule = 0; rule < _rules.Length; rule++)
        {
            var alternatives = rules.Alternatives(rule)!;
            _rules[rule] = new int[alternatives.Count];
            for (var i = 0; i < alternatives.Count; i++)
            {
                _rules[rule][i] = elements.Count;
                elements.AddRange(alternatives[i]);
                elements.Add(GrammarElement.End);
            }
        }
        _elements = [.. elements];
        Root = rules.Find("root")!.Value;
        Start = GrammarState.Initial(this);
    }

    internal int Root { get; }

    /// <summary>Before anything is read.</summary>
    internal GrammarState Start { get; }

    /// <summary>Reads a grammar; its rule <c>root</c> is what the output must be.</summary>
    /// <exception cref="GrammarException">It is too large, malformed, or can't be followed.</exception>
    public static Grammar Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Encoding.UTF8.GetByteCount(text) <= MaxBytes ? Compile(text) : throw new GrammarException($"The grammar is larger than {MaxBytes / 1024} KiB.");
    }

    /// <summary>As <see cref="Parse"/>, for text that was made here and keeps its own limits.</summary>
    internal static Grammar Compile(string text)
    {
        var rules = new GrammarRules();
        new GrammarReader(text, rules).Read();
        GrammarChecks.Check(rules);
        try
        {
            return new Grammar(rules);
        }
        catch (GrammarAmbiguousException exception)
        {
            throw new GrammarException(exception.Message);
        }
    }

    internal ref readonly GrammarElement Element(int position) => ref _elements[position];

    /// <summary>Where a rule's alternatives begin.</summary>
    internal int[] Alternatives(int rule) => _rules[rule];
}

/// <summary>Too many ways to read an output so far; following them all would hold up every request.</summary>
internal sealed class GrammarAmbiguousException() : Exception($"The grammar can be read in more than {GrammarState.MaxFrames} ways at once.");
