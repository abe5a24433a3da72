namespace MuseWorkbench.Engine.Sampling.Grammars;

/// <summary>One step of a rule: a character of a set, another rule, or (both absent) the end of an alternative.</summary>
/// <param name="Characters">Null where it is no character.</param>
/// <param name="Rule">The rule's number, −1 where it is none.</param>
internal readonly record struct GrammarElement(CharacterSet? Characters, int Rule)
{
    public static GrammarElement End => new(null, -1);

    public static GrammarElement Call(int rule) => new(null, rule);

    public static GrammarElement Match(CharacterSet characters) => new(characters, -1);

    public bool IsEnd => Characters is null && Rule < 0;
}
