namespace MuseWorkbench.Engine.Sampling.Grammars;

/// <summary>
/// What a sequence's output must be. Reasoning is free: where the output opens with <c>&lt;think&gt;</c> (or the prompt has
/// opened it), the constraint holds after <c>&lt;/think&gt;</c>; otherwise from the first token.
/// </summary>
/// <param name="Grammar">What follows must be complete before the output may end.</param>
public sealed record OutputConstraint(Grammar Grammar)
{
    /// <summary>Text that puts the grammar into force, as the first text the grammar reads; before it, and without it, the output is free. Null: the grammar is always in force.</summary>
    public string? Trigger { get; init; }

    /// <summary>Whether the prompt ends within reasoning.</summary>
    public bool InReasoning { get; init; }
}
