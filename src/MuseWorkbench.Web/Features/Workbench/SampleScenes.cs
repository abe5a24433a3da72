using System.Text.Json;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Workbench;

/// <summary>Reads the bundled scenes: <c>wwwroot/samples/samples.json</c> and the pictures it names.</summary>
internal static class SampleScenes
{
    public delegate ImageRef KeepImage(ReadOnlySpan<byte> bytes, string name);

    /// <summary>Those that can be read; a damaged one is left out and logged.</summary>
    public static IReadOnlyList<SampleScene> Load(string webRoot, KeepImage keep, ILogger logger)
    {
        var folder = Path.Combine(webRoot, "samples");
        var scenes = new List<SampleScene>();
        foreach (var entry in ReadList(Path.Combine(folder, "samples.json"), logger))
        {
            try
            {
                var bytes = File.ReadAllBytes(Path.Combine(folder, Path.GetFileName(entry.File)));
                scenes.Add(new SampleScene(keep(bytes, entry.Title), entry.Question, entry.Title));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ImageRejectedException)
            {
                logger.SampleUnreadable(entry.File, e);
            }
        }

        return scenes;
    }

    private static Entry[] ReadList(string path, ILogger logger)
    {
        try
        {
            return JsonSerializer.Deserialize<Entry[]>(File.ReadAllBytes(path), MuseJson.Options) ?? [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            logger.SampleUnreadable(path, e);
            return [];
        }
    }

    private sealed record Entry
    {
        public required string File { get; init; }
        public required string Title { get; init; }
        public required string Question { get; init; }
    }
}
