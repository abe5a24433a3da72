using MuseWorkbench.Agents.Teams;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.Course;
using MuseWorkbench.Web.Features.Workbench.State;

namespace MuseWorkbench.Web.Features.Compare;

/// <summary>One team's run beside others. Touched on the circuit's dispatcher only.</summary>
public sealed class Contender(int index, Guid runId)
{
    private string? _hash;

    /// <summary>Its place in the order shown, from 0.</summary>
    public int Index { get; } = index;

    /// <summary>A, B, C, D.</summary>
    public string Letter { get; } = ((char)('A' + index)).ToString();

    public RunViewModel Run { get; } = new(runId);

    public TeamSpec? Team => Run.Request?.Team;

    public string Name => Team?.Name ?? "…";

    /// <summary>Of the team's content; empty until it is known.</summary>
    public string Hash => Team is { } team ? _hash ??= TeamHash.Of(team) : "";

    public string Answer => Run.Final?.Answer ?? "";

    // Of two short answers the eye sees what differs.
    private const int LongAnswer = 24;

    /// <summary>The final answer's words against another's; empty where either has none, both are short, or they are the same.</summary>
    public IReadOnlyList<DiffPiece> DifferencesTo(Contender other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Answer.Length == 0 || other.Answer.Length == 0 || Math.Max(Answer.Length, other.Answer.Length) < LongAnswer || Answer == other.Answer ? [] : DiffPiece.Between(other.Answer, Answer);
    }
}
