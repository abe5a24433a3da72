using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Playwright;
using MuseWorkbench.Core;

namespace MuseWorkbench.E2E.Tests;

/// <summary>Runs written by hand, as files to import: what a model says in them is up to the test.</summary>
internal static class RunFile
{
    private static readonly byte[] s_image = File.ReadAllBytes(Repository.Sample("scene-01.png"));
    private static int s_count;

    /// <summary>The image of each.</summary>
    public static ImageRef Image { get; } = new(Convert.ToHexStringLower(SHA256.HashData(s_image)), "image/png", 192, 192, "scene.png");

    /// <summary>Numbers the events a millisecond apart, a minute after the run before.</summary>
    public static (Guid Id, byte[] Document) Of(IEnumerable<RunEvent> events)
    {
        var id = Guid.NewGuid();
        var start = new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero).AddMinutes(Interlocked.Increment(ref s_count));
        RunEvent[] all = [.. events.Select((e, i) => e with { RunId = id, Seq = i + 1, At = start.AddMilliseconds(i) })];
        return (id, JsonSerializer.SerializeToUtf8Bytes(
            new { format = "muse-run", version = 1, events = all, images = new[] { new { sha256 = Image.Sha256, mediaType = Image.MediaType, data = s_image } } }, MuseJson.Options));
    }

    /// <summary>Imports it as the pages' owner.</summary>
    public static async Task ImportAsync(IBrowserContext context, Uri workbench, byte[] document)
    {
        var response = await context.APIRequest.PostAsync(new Uri(workbench, "/api/runs/import").ToString(), new()
        {
            DataByte = document,
            Headers = new Dictionary<string, string> { ["Content-Type"] = "application/json", ["Origin"] = workbench.GetLeftPart(UriPartial.Authority) },
        });
        Assert.True(response.Status == 201, await response.TextAsync());
    }
}
