using System.Collections.Immutable;

namespace MuseWorkbench.Core;

/// <summary>
/// Keeps experiments, their cases and cells. Cells are leased: whoever runs one holds it until a time it must move on;
/// a holder that dies loses the lease and nothing else. Where nothing can be kept there are none, and writing throws why.
/// Thread-safe.
/// </summary>
public interface IExperimentStore
{
    /// <summary>Keeps a new experiment with its cases and one pending cell for each attempt, in the order of repeats, then cases, then teams.</summary>
    /// <param name="seed">The seed of a case, by index, at a repeat.</param>
    Task CreateAsync(Experiment experiment, IReadOnlyList<ExperimentCase> cases, Func<int, int, uint> seed, CancellationToken cancellationToken = default);

    /// <summary>All of them, newest first.</summary>
    Task<IReadOnlyList<Experiment>> ListAsync(CancellationToken cancellationToken = default);

    Task<Experiment?> FindAsync(Guid experiment, CancellationToken cancellationToken = default);

    /// <summary>Forgets an experiment and its cells; its runs stay. False where there is none.</summary>
    Task<bool> DeleteAsync(Guid experiment, CancellationToken cancellationToken = default);

    /// <summary>Sets where it stands, if it stands at one of <paramref name="from"/>; false where it doesn't.</summary>
    Task<bool> MoveAsync(Guid experiment, IReadOnlyCollection<ExperimentState> from, ExperimentState to, string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>How many cells stand where; null where there is no such experiment.</summary>
    Task<ExperimentCounts?> CountAsync(Guid experiment, CancellationToken cancellationToken = default);

    /// <summary>One page of its cases that match, each with its cells.</summary>
    Task<MatrixPage> QueryAsync(Guid experiment, MatrixQuery query, CancellationToken cancellationToken = default);

    /// <summary>All its cases, in order, without their content.</summary>
    Task<IReadOnlyList<CaseKey>> ReadCasesAsync(Guid experiment, CancellationToken cancellationToken = default);

    /// <summary>One case as it was asked, by index; null where there is none.</summary>
    Task<Case?> GetCaseAsync(Guid experiment, int index, CancellationToken cancellationToken = default);

    /// <summary>All its cells, in the order of their keys, a few at a time.</summary>
    IAsyncEnumerable<ExperimentCell> ReadCellsAsync(Guid experiment, CancellationToken cancellationToken = default);

    /// <summary>At start: leases of holders that are surely gone end.</summary>
    Task RecoverAsync(string owner, CancellationToken cancellationToken = default);

    /// <summary>Leases the next cell of a running experiment that is pending, or whose holder is late; null where there is none.</summary>
    /// <param name="runId">The run a pending cell is given. One taken over keeps its own.</param>
    Task<CellLease?> ClaimAsync(string owner, DateTimeOffset until, Guid runId, CancellationToken cancellationToken = default);

    /// <summary>Gives a leased cell another run; false where it is no longer the owner's with that run.</summary>
    Task<bool> AssignRunAsync(ExperimentCell cell, string owner, Guid runId, CancellationToken cancellationToken = default);

    /// <summary>Moves leases on.</summary>
    Task RenewAsync(string owner, IReadOnlyCollection<long> cells, DateTimeOffset until, CancellationToken cancellationToken = default);

    /// <summary>Ends leases: whoever comes next takes the cells over.</summary>
    Task ReleaseAsync(string owner, IReadOnlyCollection<long> cells, CancellationToken cancellationToken = default);

    /// <summary>Keeps a leased cell's result; false, and nothing kept, where the cell is no longer the owner's with that run.</summary>
    Task<bool> CompleteAsync(ExperimentCell cell, string owner, CellResult result, CancellationToken cancellationToken = default);

    /// <summary>Running experiments with no open cell are completed; returns which.</summary>
    Task<IReadOnlyList<Guid>> FinishAsync(CancellationToken cancellationToken = default);

    /// <summary>Cells in one of these states become pending; returns how many.</summary>
    Task<int> ReopenAsync(Guid experiment, CellState from, CancellationToken cancellationToken = default);

    /// <summary>Replaces what cases expect, and results of cells that are over and still have the run they are named with; all or nothing. Returns how many results there were.</summary>
    /// <param name="version">The dataset version it is taken from.</param>
    /// <param name="cases">The cases as they are scored from now on; their questions stay.</param>
    Task<int> RescoreAsync(
        Guid experiment, int version, IReadOnlyList<ExperimentCase> cases, IReadOnlyList<(ExperimentCell Cell, CellResult Result)> results, CancellationToken cancellationToken = default);
}

/// <summary>A cell someone holds.</summary>
/// <param name="Cell">As it is now.</param>
/// <param name="TakenOver">Somebody else had begun it: its run may exist, and be over.</param>
/// <param name="Superseded">The run of an attempt before, which counts no more; null for none.</param>
public sealed record CellLease(ExperimentCell Cell, bool TakenOver, Guid? Superseded);

/// <summary>How many cells of an experiment stand where.</summary>
/// <param name="Passed">Of those done.</param>
/// <param name="RecentWallClockMs">Mean wall-clock of the runs that ended last, in milliseconds; 0 where none has.</param>
public sealed record ExperimentCounts(int Pending, int Running, int Done, int Errors, int Passed, double RecentWallClockMs)
{
    public int Total => Pending + Running + Done + Errors;
}

/// <summary>Which cases of a matrix.</summary>
public sealed record MatrixQuery
{
    public MatrixFilter Filter { get; init; }

    /// <summary>The team, by index, that <see cref="MatrixFilter.Flips"/> are against.</summary>
    public int Baseline { get; init; }

    public int Skip { get; init; }

    /// <summary>1 to 500.</summary>
    public int Take { get; init; } = 50;
}

/// <summary>What a matrix is narrowed to.</summary>
public enum MatrixFilter
{
    All,
    /// <summary>Some attempt did not pass.</summary>
    Failures,
    /// <summary>Some attempt passed and some did not.</summary>
    Differ,
    /// <summary>Some team passes, by most of its attempts, where the baseline does not, or the other way round.</summary>
    Flips,
    /// <summary>Some attempt ended in an error.</summary>
    Errors,
}

/// <summary>A page of a matrix, and how many cases match in all.</summary>
public sealed record MatrixPage(ImmutableArray<MatrixRow> Rows, int Total);

/// <summary>A case with all its cells, by team, then repeat.</summary>
public sealed record MatrixRow(ExperimentCase Case, ImmutableArray<ExperimentCell> Cells);
