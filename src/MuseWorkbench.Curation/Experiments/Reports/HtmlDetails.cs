using System.Globalization;
using System.Text;
using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Experiments.Reports;

/// <summary>The cases that failed or broke, each with its question, picture, what was expected and what was answered.</summary>
internal sealed class HtmlDetails(Experiment experiment, IImageStore images)
{
    /// <summary>Bytes of one picture, and of all, that a page carries.</summary>
    private const int MaxImage = 512 << 10, MaxImages = 12 << 20;

    private readonly StringBuilder _html = new();
    private readonly HashSet<string> _shown = new(StringComparer.Ordinal);
    private int _cases;
    private int _left;
    private int _bytes;

    public async Task AddAsync(MatrixRow row, CancellationToken cancellationToken)
    {
        var bad = row.Cells.Where(cell => cell.State == CellState.Error || cell is { State: CellState.Done, Result.Passed: false }).ToList();
        if (bad.Count == 0)
            return;
        if (_cases == HtmlReport.MaxDetails)
        {
            _left++;
            return;
        }
        _cases++;
        var @case = row.Case.Case;
        _html.Append(CultureInfo.InvariantCulture, $"<article id=\"case-{row.Case.Key.Index}\"><h3>{HtmlReport.Text(row.Case.Key.CaseId)}</h3>\n");
        foreach (var image in @case.Images)
            _html.Append(await PictureAsync(image, cancellationToken));
        _html.Append(CultureInfo.InvariantCulture, $"<p class=\"said\">{HtmlReport.Text(CellAttempt.Question(@case))}</p>\n<dl><dt>Expected</dt><dd>{HtmlReport.Text(@case.Expected ?? "by its assertions")}</dd></dl>\n<ul>\n");
        foreach (var cell in row.Cells.Where(cell => cell.Result is not null))
            Answer(cell, cell.Result!);
        _html.Append("</ul></article>\n");
    }

    public override string ToString() => _cases == 0
        ? ""
        : $"<section><h2>Failures and errors</h2>\n{_html}{(_left > 0 ? $"<p class=\"mut\">{HtmlReport.Number(_left)} more are not shown in full; CSV and JSON have all.</p>" : "")}</section>\n";

    private void Answer(ExperimentCell cell, CellResult result)
    {
        var kind = cell.State == CellState.Error ? "err" : result.Passed ? "ok" : "bad";
        var word = cell.State == CellState.Error ? "error" : result.Passed ? "passed" : "failed";
        var repeat = experiment.Repeats == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" #{cell.Repeat + 1}");
        var reason = result.Error ?? string.Join("; ", result.Assertions.Where(a => !a.Passed && a.Weight > 0).Select(a => $"{a.Type}: {a.Reason}"));
        _html.Append(CultureInfo.InvariantCulture, $"<li><span class=\"{kind}\">{word}</span> <b>{HtmlReport.Text(experiment.Teams[cell.Team].Spec.Name)}{repeat}</b><div class=\"said\">{HtmlReport.Text(result.Answer ?? "no answer")}</div>{(reason.Length > 0 ? $"<div class=\"mut\">{HtmlReport.Text(reason)}</div>" : "")}</li>\n");
    }

    private async Task<string> PictureAsync(ImageRef image, CancellationToken cancellationToken)
    {
        var name = HtmlReport.Text(CellScoring.Shorten(image.Name.Length > 0 ? image.Name : "image", 80));
        // Once each: cases share images, and a page is to be sent.
        if (!_shown.Add(image.Sha256))
            return $"<p class=\"mut\">The image {name} as above.</p>\n";
        if (image.MediaType is not ("image/png" or "image/jpeg" or "image/webp") || await images.ReadAsync(image.Sha256, cancellationToken) is not { } bytes)
            return $"<p class=\"mut\">The image {name} is not there any more.</p>\n";
        if (bytes.Length > MaxImage || _bytes + bytes.Length > MaxImages)
            return $"<p class=\"mut\">The image {name} ({HtmlReport.Number(bytes.Length >> 10)} KB) is left out to keep the page small.</p>\n";
        _bytes += bytes.Length;
        return $"<img alt=\"{name}\" src=\"data:{image.MediaType};base64,{Convert.ToBase64String(bytes.Span)}\">\n";
    }
}
