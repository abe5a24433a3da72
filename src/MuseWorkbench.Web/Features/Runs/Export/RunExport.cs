using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Core;
using MuseWorkbench.Data.Runs;

namespace MuseWorkbench.Web.Features.Runs.Export;

/// <summary>Puts a run together as a document.</summary>
internal sealed class RunExport(IRunService runs, IRunCatalog catalog, IImageStore images)
{
    /// <summary>Null where there is no such run. One at work is not over, and can't be exported.</summary>
    /// <exception cref="RunRejectedException">It is still running.</exception>
    public async Task<RunDocument?> CreateAsync(Guid runId, bool withRemarks, CancellationToken cancellationToken)
    {
        if (!await runs.ExistsAsync(runId, cancellationToken))
        {
            return null;
        }

        if (runs.List().Any(run => run.RunId == runId && run.Outcome is null))
        {
            throw new RunRejectedException("The run is still under way; export it when it is over.");
        }

        var events = new List<RunEvent>();
        await foreach (var e in runs.ReadAsync(runId, 0, cancellationToken))
        {
            events.Add(e);
        }

        return new RunDocument
        {
            Format = RunDocument.FormatName,
            Version = RunDocument.CurrentVersion,
            Remarks = withRemarks && await catalog.GetAsync(runId, cancellationToken) is { } record
                ? new RunRemarks { Rating = record.Rating, Tags = record.Tags, Notes = record.Notes }
                : null,
            Events = [.. events],
            Images = [.. await ReadImagesAsync(events, cancellationToken)],
        };
    }

    // One that is gone from disk is left out: the rest of the run is still worth having.
    private async Task<List<RunDocumentImage>> ReadImagesAsync(List<RunEvent> events, CancellationToken cancellationToken)
    {
        var read = new List<RunDocumentImage>();
        var made = events.OfType<ToolReturned>().Select(returned => returned.Image).OfType<ImageRef>();
        foreach (var image in events.OfType<RunStarted>().SelectMany(started => started.Request.Images).Concat(made).DistinctBy(image => image.Sha256))
        {
            if (await images.ReadAsync(image.Sha256, cancellationToken) is { } bytes)
            {
                read.Add(new RunDocumentImage(image.Sha256, image.MediaType, bytes.ToArray()));
            }
        }

        return read;
    }
}
