using System.Text.Json;
using MuseWorkbench.Core;
using MuseWorkbench.Data.Runs;
using MuseWorkbench.Web.Features.Workbench;

namespace MuseWorkbench.Web.Features.Runs.Export;

/// <summary>Takes an exported run in. The file is whoever's: nothing of it is believed that can be checked.</summary>
internal sealed class RunImport(IRunStore store, IRunCatalog catalog, IImageLibrary images)
{
    /// <summary>Largest file read.</summary>
    public const long MaxBytes = 256L << 20;

    /// <summary>Keeps the run under its own id and returns that.</summary>
    /// <exception cref="RunImportException">It can't be taken in; nothing was kept. The message is for the user.</exception>
    public async Task<Guid> ImportAsync(Stream content, CancellationToken cancellationToken)
    {
        if (!store.Status.Saves)
        {
            throw new RunImportException($"Runs can't be saved at the moment. {store.Status.Problem}".Trim());
        }

        var document = await ReadAsync(content, cancellationToken);
        foreach (var image in document.Images)
        {
            await AddAsync(image, cancellationToken);
        }

        return await KeepAsync(document, cancellationToken) ? document.Events[0].RunId : throw new RunImportException("This run is here already.");
    }

    /// <summary>Keeps a run that was checked and whose images are kept; false where it is here already.</summary>
    public async Task<bool> KeepAsync(RunDocument document, CancellationToken cancellationToken)
    {
        var runId = document.Events[0].RunId;
        if (await store.ContainsAsync(runId, cancellationToken))
        {
            return false;
        }

        if (await catalog.RestoreAsync(runId, cancellationToken))
        {
            return true; // it had been deleted here
        }

        // The experiment it belonged to is not here.
        await store.AppendAsync([.. document.Events.Select(e => e is RunStarted started ? started with { Request = started.Request with { Experiment = null } } : e)], cancellationToken);
        if (document.Remarks is { } remarks)
        {
            await catalog.RateAsync(runId, remarks.Rating, cancellationToken);
            await catalog.SetNotesAsync(runId, remarks.Notes ?? "", cancellationToken);
            await catalog.SetTagsAsync(runId, remarks.Tags.IsDefault ? [] : remarks.Tags.Where(tag => tag is not null), cancellationToken);
        }

        return true;
    }

    /// <summary>Reads and checks a run; keeps nothing.</summary>
    /// <exception cref="RunImportException">It is none; the message is for the user.</exception>
    public static async Task<RunDocument> ReadAsync(Stream content, CancellationToken cancellationToken)
    {
        try
        {
            var document = await JsonSerializer.DeserializeAsync<RunDocument>(content, MuseJson.Options, cancellationToken)
                ?? throw new RunImportException("The file is empty.");
            RunDocumentCheck.Check(document);
            return document;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new RunImportException("The file is not a run exported as JSON.");
        }
    }

    private async Task AddAsync(RunDocumentImage image, CancellationToken cancellationToken)
    {
        if (image?.Data is null || BlobFolder.NameOf(image.Data) != image.Sha256)
        {
            throw new RunImportException("An image in the file does not match its name.");
        }

        try
        {
            using var bytes = new MemoryStream(image.Data, writable: false);
            await images.AddAsync(bytes, "", cancellationToken);
        }
        catch (ImageRejectedException e)
        {
            throw new RunImportException($"An image in the file is refused. {e.Message}");
        }
    }
}

/// <summary>An exported run was refused; the message is for the user.</summary>
internal sealed class RunImportException(string message) : Exception(message);
