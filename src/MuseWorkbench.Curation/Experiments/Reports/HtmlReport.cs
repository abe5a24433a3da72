using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Experiments.Results;

namespace MuseWorkbench.Curation.Experiments.Reports;

/// <summary>
/// One page to read, send and keep. Its policy lets it load nothing and run only its own script, by hash; everything a
/// dataset or a model said is written as text. It is bounded: so many rows, so many failed cases in full, so many bytes of images.
/// </summary>
internal static class HtmlReport
{
    public const int MaxRows = 5_000, MaxDetails = 200, MaxText = 2_000;

    private static readonly string s_style = Read("report.css");
    private static readonly string s_script = Read("report.js");
    private static readonly string s_policy =
        $"default-src 'none'; img-src data:; style-src '{Hash(s_style)}'; script-src '{Hash(s_script)}'; base-uri 'none'; form-action 'none'";

    public static async Task WriteAsync(ExperimentResults results, IAsyncEnumerable<MatrixRow> rows, IImageStore images, Stream into, CancellationToken cancellationToken)
    {
        await using var page = new StreamWriter(into, new UTF8Encoding(false), leaveOpen: true);
        var experiment = results.Experiment;
        await page.WriteAsync($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="{s_policy}">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="referrer" content="no-referrer">
            <title>{Text(experiment.Name)} · Muse Workbench</title>
            <style>{s_style}</style>
            </head>
            <body>
            <main>
            <h1>{Text(experiment.Name)}</h1>
            <p class="mut">{Text(experiment.DatasetName)}, version {Number(experiment.Version)} · {Number(experiment.Cases)} cases × {Number(experiment.Teams.Length)} teams × {Number(experiment.Repeats)} repeats · {experiment.CreatedAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC</p>
            <section class="verdict" aria-label="Verdict">
            {string.Join('\n', results.Verdicts.Select((verdict, i) => $"<p{(i == 0 ? " class=\"first\"" : "")}>{Text(verdict)}</p>"))}
            </section>

            """.AsMemory(), cancellationToken);
        await page.WriteAsync(HtmlTables.Teams(results).AsMemory(), cancellationToken);
        var details = new HtmlDetails(experiment, images);
        await page.WriteAsync(HtmlTables.MatrixHead(experiment).AsMemory(), cancellationToken);
        var written = 0;
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            if (++written > MaxRows)
                break;
            await page.WriteAsync(HtmlTables.Row(results, row).AsMemory(), cancellationToken);
            await details.AddAsync(row, cancellationToken);
        }
        await page.WriteAsync($"</tbody></table></div>\n{(written > MaxRows ? $"<p class=\"mut\">Only the first {Number(MaxRows)} cases are shown; CSV and JSON have all.</p>\n" : "")}</section>\n".AsMemory(), cancellationToken);
        await page.WriteAsync(details.ToString().AsMemory(), cancellationToken);
        await page.WriteAsync($"</main>\n<script>{s_script}</script>\n</body>\n</html>\n".AsMemory(), cancellationToken);
    }

    public static string Text(string? text) => HtmlEncoder.Default.Encode(CellScoring.Shorten(text ?? "", MaxText));

    public static string Number(double value) => value.ToString("#,0.##", CultureInfo.InvariantCulture);

    private static string Hash(string text) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";

    private static string Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("report/" + name)!;
        using var reader = new StreamReader(stream);
        // A page's own line ends are normalised before its hash is compared.
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
