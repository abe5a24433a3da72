using System.Collections.Immutable;
using System.Text.Json.Nodes;
using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>
/// Writes Inspect's log as a ZIP (<c>.eval</c>, log version 2): a file for each sample and epoch, summaries of all, the header.
/// Deflated, where Inspect itself writes zstd: its reader takes both. Images are attachments of their sample.
/// </summary>
internal sealed class InspectLogArchive(Stream into) : IAsyncDisposable
{
    private readonly ExportArchive _archive = new(into);
    private readonly JsonArray _summaries = [];

    /// <summary>A sample of a case: its question and what is expected, without any answer.</summary>
    /// <param name="images">The case's images' bytes, in its order.</param>
    /// <param name="epoch">From 1.</param>
    public static JsonObject Sample(Case @case, ImmutableArray<ReadOnlyMemory<byte>> images, int epoch)
    {
        var (parts, attachments) = (new JsonArray(), new JsonObject());
        for (var i = 0; i < images.Length; i++)
        {
            var image = @case.Images[i];
            attachments[image.Sha256] = ImageReference.ToDataUrl(image, images[i]);
            parts.Add(new JsonObject { ["type"] = "image", ["image"] = $"{InspectLogFormat.Attachment}{image.Sha256}" });
        }
        parts.Add(new JsonObject { ["type"] = "text", ["text"] = @case.Prompt });
        var sample = InspectSample.Write(@case, parts);
        sample["epoch"] = epoch;
        // Inspect wants one; empty is none.
        sample["target"] ??= "";
        sample["attachments"] = attachments;
        return sample;
    }

    public async Task AddAsync(JsonObject sample, CancellationToken cancellationToken)
    {
        _summaries.Add(Summary(sample));
        // Ids are the cases' own and may hold anything; the name in the archive is never a path.
        await _archive.AddTextAsync($"samples/{FileNames.Of((string)sample["id"]!)}_epoch_{(int)sample["epoch"]!}.json", sample.ToJsonString(CaseJson.Lines), cancellationToken);
    }

    /// <param name="header">Of the whole log: <c>eval</c>, <c>plan</c>, <c>results</c>, <c>stats</c>.</param>
    public async Task FinishAsync(JsonObject header, CancellationToken cancellationToken)
    {
        var start = new JsonObject { ["version"] = 2, ["eval"] = header["eval"]!.DeepClone(), ["plan"] = header["plan"]!.DeepClone() };
        await _archive.AddTextAsync("_journal/start.json", start.ToJsonString(CaseJson.Lines), cancellationToken);
        await _archive.AddTextAsync("summaries.json", _summaries.ToJsonString(CaseJson.Lines), cancellationToken);
        await _archive.AddTextAsync("header.json", header.ToJsonString(CaseJson.Lines), cancellationToken);
    }

    public ValueTask DisposeAsync() => _archive.DisposeAsync();

    private static JsonObject Summary(JsonObject sample)
    {
        var summary = new JsonObject { ["completed"] = true };
        foreach (var name in (ReadOnlySpan<string>)["id", "epoch", "input", "choices", "target", "metadata", "scores", "total_time"])
        {
            if (sample[name] is { } value)
                summary[name] = value.DeepClone();
        }
        if (sample["error"]?["message"] is { } error)
            summary["error"] = error.DeepClone();
        return summary;
    }
}
