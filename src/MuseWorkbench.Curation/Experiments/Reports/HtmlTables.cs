using System.Globalization;
using System.Text;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Experiments.Results;
using MuseWorkbench.Curation.Statistics;

namespace MuseWorkbench.Curation.Experiments.Reports;

/// <summary>The report's two tables: teams, and cases by teams.</summary>
internal static class HtmlTables
{
    public static string Teams(ExperimentResults results)
    {
        var html = new StringBuilder("""
            <section><h2>Teams</h2><div class="scroll"><table class="teams">
            <thead><tr><th>Team</th><th>Accuracy, 95 % CI</th><th class="wide"></th><th>Cases</th><th>Passed</th><th>Errors</th><th>Tokens</th><th>Critical path</th><th>Wall-clock</th></tr></thead><tbody>

            """);
        foreach (var team in results.Teams)
        {
            var accuracy = team.Summary.Accuracy;
            html.Append(CultureInfo.InvariantCulture, $"""
                <tr><th scope="row">{HtmlReport.Text(team.Name)}{(team.Team == results.Baseline && results.Teams.Length > 1 ? " <span class=\"tag\">baseline</span>" : "")}</th>
                <td>{(accuracy is null ? "–" : $"{Percent(accuracy.Value)} ({Percent(accuracy.Lower)} to {Percent(accuracy.Upper)})")}</td><td class="wide">{Bar(accuracy)}</td>
                <td>{HtmlReport.Number(team.Summary.Scored)}</td><td>{HtmlReport.Number(team.Passed)}</td><td>{HtmlReport.Number(team.Summary.Errors)}</td>
                <td>{Mean(team.Tokens, "")}</td><td>{Mean(team.CriticalPathTokens, "")}</td><td>{Mean(team.WallClockMs / 1000, " s")}</td></tr>

                """);
        }
        return html.Append("</tbody></table></div></section>\n").ToString();
    }

    public static string MatrixHead(Experiment experiment)
    {
        var teams = string.Concat(experiment.Teams.Select(team => $"<th>{HtmlReport.Text(CellScoring.Shorten(team.Spec.Name, 60))}</th>"));
        return $"""
            <section><h2>Cases</h2>
            <div class="filters" role="group" aria-label="Cases shown"><button type="button" data-show="all" aria-pressed="true">All</button><button type="button" data-show="failure" aria-pressed="false">Failures</button><button type="button" data-show="differ" aria-pressed="false">Differ</button><button type="button" data-show="flip" aria-pressed="false">Flips</button><button type="button" data-show="error" aria-pressed="false">Errors</button></div>
            <div class="scroll"><table class="matrix" id="matrix"><thead><tr><th>Case</th>{teams}</tr></thead><tbody>

            """;
    }

    public static string Row(ExperimentResults results, MatrixRow row)
    {
        var byTeam = row.Cells.ToLookup(cell => cell.Team);
        var cells = string.Concat(results.Teams.Select(team => Cell([.. byTeam[team.Team]])));
        var open = row.Cells.Any(cell => cell.State == CellState.Error || cell is { State: CellState.Done, Result.Passed: false });
        var name = HtmlReport.Text(row.Case.Key.CaseId);
        var link = open ? string.Create(CultureInfo.InvariantCulture, $"<a href=\"#case-{row.Case.Key.Index}\">{name}</a>") : name;
        return $"<tr data-is=\"{Kinds(results, row)}\"><th scope=\"row\">{link}</th>{cells}</tr>\n";
    }

    private static string Kinds(ExperimentResults results, MatrixRow row)
    {
        var done = row.Cells.Where(cell => cell.State == CellState.Done).ToList();
        var (failed, passed) = (done.Any(cell => !cell.Result!.Passed), done.Any(cell => cell.Result!.Passed));
        return string.Join(' ', new[]
        {
            failed ? "failure" : "", failed && passed ? "differ" : "",
            results.Flips.Any(flip => flip.Case == row.Case.Key.Index) ? "flip" : "", row.Cells.Any(cell => cell.State == CellState.Error) ? "error" : "",
        }.Where(kind => kind.Length > 0));
    }

    // Signs and words beside colour: neither print nor every eye has colour.
    private static string Cell(IReadOnlyList<ExperimentCell> cells)
    {
        var done = cells.Where(cell => cell.State == CellState.Done).ToList();
        var errors = cells.Count(cell => cell.State == CellState.Error);
        if (done.Count == 0)
            return errors > 0 ? "<td class=\"err\">error</td>" : "<td class=\"mut\">open</td>";
        var passed = done.Count(cell => cell.Result!.Passed);
        var kind = passed == done.Count ? "ok" : passed == 0 ? "bad" : "mid";
        var sign = passed == done.Count ? "✓" : passed == 0 ? "✗" : "~";
        var count = cells.Count == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" {passed}/{done.Count}");
        var score = done.Average(cell => cell.Result!.Score!.Value) is var mean && mean is > 0 and < 1 && cells.Count == 1 ? " " + mean.ToString("0.00", CultureInfo.InvariantCulture) : "";
        return $"<td class=\"{kind}\">{sign}{count}{score}{(errors > 0 ? $" <span class=\"err\">{errors} err</span>" : "")}</td>";
    }

    private static string Bar(Estimate? accuracy) => accuracy is null ? "" : string.Create(CultureInfo.InvariantCulture, $"""
        <svg viewBox="0 0 100 12" role="img" aria-label="{Percent(accuracy.Value)}"><line x1="0" y1="6" x2="100" y2="6" class="axis"/><line x1="{accuracy.Lower * 100:0.#}" y1="6" x2="{accuracy.Upper * 100:0.#}" y2="6" class="ci"/><circle cx="{accuracy.Value * 100:0.#}" cy="6" r="3.5" class="dot"/></svg>
        """);

    private static string Percent(double share) => (share * 100).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    private static string Mean(double? value, string unit) => value is { } number ? number.ToString(number < 100 ? "0.#" : "#,0", CultureInfo.InvariantCulture) + unit : "–";
}
