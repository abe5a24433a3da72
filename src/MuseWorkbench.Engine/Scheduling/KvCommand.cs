namespace MuseWorkbench.Engine.Scheduling;

/// <summary>What the runtime must do so that its cache is as <see cref="KvCache"/> says. From and to are positions, as the runtime counts; see <see cref="Elements.PositionAt"/>.</summary>
internal abstract record KvCommand
{
    /// <summary>A sequence shares the cells of another up to a position.</summary>
    internal sealed record Share(int Source, int Sequence, int To) : KvCommand;

    /// <summary>A sequence drops its cells from a position on.</summary>
    internal sealed record Cut(int Sequence, int From) : KvCommand;

    /// <summary>Copies of a sequence's cells are taken to host memory.</summary>
    internal sealed record Save(StoredPrefix Piece, int Sequence, int From, int To) : KvCommand;

    /// <summary>A sequence goes on with copies of cells in host memory.</summary>
    internal sealed record Load(StoredPrefix Piece, int Sequence, int From, int To) : KvCommand;

    /// <summary>Copies in host memory are dropped.</summary>
    internal sealed record Drop(StoredPrefix Piece) : KvCommand;
}
