namespace MuseWorkbench.Engine.Sampling.Grammars;

/// <summary>What is still to be read, innermost first: an element and, once its alternative is done, the caller's rest. Null is the end.</summary>
internal sealed class GrammarFrame(int position, GrammarFrame? parent) : IEquatable<GrammarFrame>
{
    private readonly int _hash = HashCode.Combine(position, parent?._hash ?? 0);

    public int Position => position;

    public GrammarFrame? Parent => parent;

    public bool Equals(GrammarFrame? other)
    {
        // Frames share their callers, so that the loop meets the same object soon.
        for (var mine = this; ; mine = mine.Parent, other = other.Parent)
        {
            if (ReferenceEquals(mine, other))
            {
                return true;
            }
            if (mine is null || other is null || mine._hash != other._hash || mine.Position != other.Position)
            {
                return false;
            }
        }
    }

    public override bool Equals(object? obj) => Equals(obj as GrammarFrame);

    public override int GetHashCode() => _hash;
}
