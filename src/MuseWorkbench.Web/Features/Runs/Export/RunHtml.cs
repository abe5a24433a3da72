using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Runs.Export;

/// <summary>
/// A run as one page that replays from disk, without a network. Its policy lets it load nothing and run only our script,
/// by hash; the run is data, and the script writes it as text.
/// </summary>
internal static class RunHtml
{
    private static readonly string s_style = $"{Read("tokens.css")}\n{Read("app.css")}\n{Read("replay.css")}";
    private static readonly string s_script = string.Join('\n', Read("course.js"), Read("words.js"), Read("places.js"), Read("replay.js"));
    private static readonly string s_policy =
        $"default-src 'none'; img-src data:; style-src '{Hash(s_style)}'; script-src '{Hash(s_script)}'; base-uri 'none'; form-action 'none'";

    public static string Write(RunDocument document)
    {
        var title = document.Events.OfType<RunStarted>().Select(started => started.Request.Prompt).FirstOrDefault() ?? "";
        // The serializer writes <, > and & as \u escapes: nothing in a run can end the script element.
        var data = JsonSerializer.Serialize(document with { Remarks = null }, MuseJson.Options);
        return $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="{s_policy}">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="referrer" content="no-referrer">
            <title>{HtmlEncoder.Default.Encode(Shared.Text.Shorten(title, 80))} · Muse Workbench</title>
            <style>{s_style}</style>
            </head>
            <body>
            <main id="app"><noscript>This page replays a run; it needs JavaScript, which it carries with it.</noscript></main>
            <script type="application/json" id="run">{data}</script>
            <script>{s_script}</script>
            </body>
            </html>

            """;
    }

    private static string Hash(string text) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";

    private static string Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("export/" + name)!;
        using var reader = new StreamReader(stream);
        // A page's own line ends are normalised before its hash is compared.
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
