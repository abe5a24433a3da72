using Microsoft.EntityFrameworkCore;
using MuseWorkbench.Core;
using MuseWorkbench.Data.Storage;

namespace MuseWorkbench.Data.Experiments;

/// <summary>A page of an experiment's cases with their cells.</summary>
internal static class ExperimentMatrix
{
    public static async Task<MatrixPage> QueryAsync(RunDbContext context, Guid experiment, MatrixQuery query, CancellationToken cancellationToken)
    {
        var (skip, take) = (Math.Max(0, query.Skip), Math.Clamp(query.Take, 1, 500));
        var cases = context.ExperimentCases.AsNoTracking().Where(c => c.ExperimentId == experiment);
        if (query.Filter == MatrixFilter.Flips)
        {
            var flips = await FlipsAsync(context, experiment, query.Baseline, cancellationToken);
            int[] shown = [.. flips.Skip(skip).Take(take)];
            return await ReadAsync(context, experiment, cases.Where(c => shown.Contains(c.Index)), flips.Count, cancellationToken);
        }
        var cells = context.Cells.Where(c => c.ExperimentId == experiment);
        cases = query.Filter switch
        {
            MatrixFilter.Failures => cases.Where(c => cells.Any(x => x.Case == c.Index && x.State == CellState.Done && !x.Passed)),
            MatrixFilter.Errors => cases.Where(c => cells.Any(x => x.Case == c.Index && x.State == CellState.Error)),
            MatrixFilter.Differ => cases.Where(c =>
                cells.Any(x => x.Case == c.Index && x.State == CellState.Done && !x.Passed)
                && cells.Any(x => x.Case == c.Index && x.State == CellState.Done && x.Passed)),
            _ => cases,
        };
        var total = await cases.CountAsync(cancellationToken);
        return await ReadAsync(context, experiment, cases.OrderBy(c => c.Index).Skip(skip).Take(take), total, cancellationToken);
    }

    private static async Task<MatrixPage> ReadAsync(
        RunDbContext context, Guid experiment, IQueryable<StoredExperimentCase> page, int total, CancellationToken cancellationToken)
    {
        var cases = await page.OrderBy(c => c.Index).ToListAsync(cancellationToken);
        int[] indices = [.. cases.Select(c => c.Index)];
        var cells = await context.Cells.AsNoTracking().Where(c => c.ExperimentId == experiment && indices.Contains(c.Case))
            .OrderBy(c => c.Case).ThenBy(c => c.Team).ThenBy(c => c.Repeat).ToListAsync(cancellationToken);
        var byCase = cells.ToLookup(c => c.Case, ExperimentRows.Read);
        return new MatrixPage([.. cases.Select(c => new MatrixRow(ExperimentRows.Read(c), [.. byCase[c.Index]]))], total);
    }

    // Majorities of majorities: a row for each case and team is little, and no database says it better.
    private static async Task<List<int>> FlipsAsync(RunDbContext context, Guid experiment, int baseline, CancellationToken cancellationToken)
    {
        var sums = await context.Cells.Where(c => c.ExperimentId == experiment && c.State == CellState.Done)
            .GroupBy(c => new { c.Case, c.Team })
            .Select(g => new { g.Key.Case, g.Key.Team, All = g.Count(), Passed = g.Sum(c => c.Passed ? 1 : 0) })
            .ToListAsync(cancellationToken);
        return
        [
            .. sums.GroupBy(s => s.Case)
                .Where(teams => teams.FirstOrDefault(t => t.Team == baseline) is { } b && teams.Any(t => t.Passed * 2 > t.All != b.Passed * 2 > b.All))
                .Select(teams => teams.Key).Order(),
        ];
    }
}
