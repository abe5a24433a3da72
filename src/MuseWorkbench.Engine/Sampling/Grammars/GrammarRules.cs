namespace MuseWorkbench.Engine.Sampling.Grammars;

/// <summary>The rules of a grammar while it is read, within limits.</summary>
internal sealed class GrammarRules
{
    /// <summary>Elements of all rules, repetitions written out.</summary>
    public const int MaxElements = 200_000;

    private readonly Dictionary<string, int> _names = new(StringComparer.Ordinal);
    private readonly List<(string Name, int Line, List<GrammarElement[]>? Alternatives)> _rules = [];
    private int _elements;

    public int Count => _rules.Count;

    public string Name(int rule) => _rules[rule].Name;

    public int Line(int rule) => _rules[rule].Line;

    public int? Find(string name) => _names.TryGetValue(name, out var rule) ? rule : null;

    /// <summary>Null where the rule is only spoken of.</summary>
    public IReadOnlyList<GrammarElement[]>? Alternatives(int rule) => _rules[rule].Alternatives;

    /// <summary>The number of a rule by its name; <paramref name="line"/> is where it is first spoken of.</summary>
    public int Named(string name, int line)
    {
        if (!_names.TryGetValue(name, out var rule))
        {
            rule = _rules.Count;
            _rules.Add((name, line, null));
            _names.Add(name, rule);
        }
        return rule;
    }

    /// <summary>A rule for a group or a repetition within the rule <paramref name="owner"/>.</summary>
    public int Unnamed(string owner, int line, List<GrammarElement[]> alternatives)
    {
        _rules.Add((owner, line, null));
        Define(_rules.Count - 1, line, alternatives);
        return _rules.Count - 1;
    }

    public void Define(int rule, int line, List<GrammarElement[]> alternatives)
    {
        if (_rules[rule].Alternatives is not null)
        {
            throw new GrammarException(line, $"the rule '{Name(rule)}' is defined twice.");
        }
        Spend(alternatives.Sum(a => a.Length + 1), line);
        _rules[rule] = (Name(rule), line, alternatives);
    }

    /// <summary>Counts elements about to be made, before there is memory spent on them.</summary>
    public void Spend(int elements, int line)
    {
        _elements += elements;
        if (_elements > MaxElements)
        {
            throw new GrammarException(line, $"the grammar has more than {MaxElements} elements, repetitions written out.");
        }
    }
}
