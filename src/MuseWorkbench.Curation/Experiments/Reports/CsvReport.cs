using System.Globalization;
using System.Text;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Exchange;

namespace MuseWorkbench.Curation.Experiments.Reports;

/// <summary>A row for each attempt. Texts stand as they are: a spreadsheet that takes them for formulas must be told not to.</summary>
internal static class CsvReport
{
    private static readonly string[] s_columns =
    [
        "experiment", "dataset", "version", "team", "team_hash", "case", "case_hash", "repeat", "seed", "state", "score", "passed",
        "answer", "error", "tokens", "wall_clock_ms", "critical_path_tokens", "run",
    ];

    public static async Task WriteAsync(Experiment experiment, IReadOnlyList<CaseKey> cases, IEnumerable<ExperimentCell> cells, Stream into, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(into, new UTF8Encoding(false), leaveOpen: true);
        await writer.WriteAsync(Csv.Write([s_columns]).AsMemory(), cancellationToken);
        foreach (var some in cells.Chunk(500))
            await writer.WriteAsync(Csv.Write(some.Select(cell => Row(experiment, cases[cell.Case], cell))).AsMemory(), cancellationToken);
    }

    private static IEnumerable<string> Row(Experiment experiment, CaseKey @case, ExperimentCell cell)
    {
        var (team, result) = (experiment.Teams[cell.Team], cell.Result);
        return
        [
            experiment.Name, experiment.DatasetName, Number(experiment.Version), team.Spec.Name, team.Hash, @case.CaseId, @case.Hash,
            Number(cell.Repeat + 1), Number(cell.Seed), cell.State.ToString().ToLowerInvariant(), result?.Score is { } score ? Number(score) : "",
            cell.State == CellState.Done ? (result!.Passed ? "true" : "false") : "", result?.Answer ?? "", result?.Error ?? "",
            Number(result?.Tokens), Number(result?.WallClockMs), Number(result?.CriticalPathTokens), cell.RunId?.ToString() ?? "",
        ];
    }

    private static string Number(IFormattable? value) => value?.ToString(null, CultureInfo.InvariantCulture) ?? "";
}
