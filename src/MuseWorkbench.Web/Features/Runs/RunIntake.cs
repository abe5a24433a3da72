using System.Text.Json;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench;

namespace MuseWorkbench.Web.Features.Runs;

/// <summary>Takes a run request from outside: reads it, and replaces what it says of its images by what is known of them.</summary>
internal sealed class RunIntake(IRunService runs, IImageLibrary images)
{
    /// <exception cref="RunRejectedException">It can't be run as asked; the message is for whoever asked.</exception>
    public async Task<Guid> StartAsync(JsonElement request, CancellationToken cancellationToken)
    {
        RunRequest read;
        try
        {
            read = request.Deserialize<RunRequest>(MuseJson.Options) ?? throw new RunRejectedException("The request is empty.");
        }
        catch (JsonException e)
        {
            throw new RunRejectedException(Explain(e));
        }

        var asked = read.Images.IsDefault ? [] : read.Images;
        return await runs.StartAsync(read with { Images = [.. asked.Select(Known)], Experiment = null }, cancellationToken);
    }

    // The reader's own messages name types of this program; whoever asked knows only the places in the request.
    private static string Explain(JsonException e)
    {
        const string Missing = "missing required properties including: ";
        var missing = e.Message.IndexOf(Missing, StringComparison.Ordinal);
        return missing >= 0
            ? $"The request lacks {e.Message[(missing + Missing.Length)..].TrimEnd('.')}."
            : $"The request can't be read: what stands at {e.Path ?? "$"} is not what is expected there.";
    }

    private ImageRef Known(ImageRef asked) =>
        images.Find(asked?.Sha256 ?? "") ?? throw new RunRejectedException("An image of the request is not known here: upload it first (POST /images) and name it by its sha256.");
}
