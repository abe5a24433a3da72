using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench;

namespace MuseWorkbench.Web.Features.Runs.Export;

/// <summary>What must hold of a run before it is shown like one of our own.</summary>
internal static class RunDocumentCheck
{
    /// <exception cref="RunImportException">It does not; the message is for the user.</exception>
    public static void Check(RunDocument document)
    {
        if (document.Format != RunDocument.FormatName)
        {
            throw new RunImportException("The file is not an exported run.");
        }

        if (document.Version != RunDocument.CurrentVersion)
        {
            throw new RunImportException($"The file is of version {document.Version}; this workbench reads version {RunDocument.CurrentVersion}.");
        }

        if (document.Events.IsDefaultOrEmpty || document.Images.IsDefault || document.Events[0] is not RunStarted started || document.Events[^1] is not RunFinished)
        {
            throw new RunImportException("The file does not hold a whole run.");
        }

        var runId = started.RunId;
        if (runId == Guid.Empty)
        {
            throw new RunImportException("The file does not say which run it is.");
        }

        for (var i = 0; i < document.Events.Length; i++)
        {
            if (document.Events[i] is not { } e || e.RunId != runId || e.Seq != i + 1 || e.At.Year is < 2000 or > 2200 || !IsWhole(e))
            {
                throw new RunImportException($"Event {i + 1} of the file is not what is expected there.");
            }
        }
    }

    // A reader fills required members with null where the file says null.
    private static bool IsWhole(RunEvent e) => e switch
    {
        RunStarted { Request: { Prompt: not null, Images.IsDefault: false, Team: { Name: not null, Strategy: not null, Agents: { IsDefaultOrEmpty: false, Length: <= TeamSpec.MaxAgents } agents } } request } =>
            e.Seq == 1 && agents.All(agent => agent is { Name: not null, Sampling: not null }) && request.Images.All(IsWhole)
            && request.Crops is null or { IsDefault: false } && request.Tables is null or { IsDefault: false }
            && (request.Crops ?? []).All(crop => crop is not null) && (request.Tables ?? []).All(table => table is { Name: not null, Csv: not null }),
        AgentStarted { Name: not null, Model: not null, Seen: null or { IsDefault: false } } started => (started.Seen ?? []).All(seen => seen is not null),
        TextDelta { Text: not null } => true,
        RegionFound { Region: { Label: not null } region, TextStart: >= 0, TextLength: >= 0 } => IsPlace(region),
        ToolCalled { CallId: not null, Tool: not null, Arguments: not null } => true,
        ToolReturned { CallId: not null, Result: not null } returned => returned.Image is null || IsWhole(returned.Image),
        AgentFinished { Answer: not null, NormalisedAnswer: not null, Usage: not null, Timings: not null } => true,
        VoteChanged { Options.IsDefault: false } vote => vote.Options.All(IsWhole),
        FinalAnswer { Answer: not null, Options.IsDefault: false } final => final.Options.All(IsWhole),
        RunResumed { Agents.IsDefault: false, Continued.IsDefault: false } => true,
        CallSent { Messages.IsDefault: false } call => call.Messages.All(message => message is { Role: not null, Text: not null }),
        CallEnded { Output: not null } => true,
        EngineSampled { Kv: not null } => true,
        AgentStoppedEarly or AgentToldToAnswer => true,
        AgentPlaced { Server: not null, Policy: not null, Options.IsDefault: false } placed => placed.Options.All(option => option is { Server: not null }),
        AgentRerouted { From: not null, To: not null, Reason: not null } => true,
        AgentQueued or AgentPrefilling or RunFinished => true,
        _ => false,
    };

    private static bool IsWhole(ImageRef image) => image is { Name: not null, MediaType: not null } && BlobFolder.IsName(image.Sha256);

    // Numbers as JSON has them can still be infinite, and edges the wrong way round.
    private static bool IsPlace(Region region) =>
        region.X0 >= 0 && region.X0 <= region.X1 && region.X1 <= 1 && region.Y0 >= 0 && region.Y0 <= region.Y1 && region.Y1 <= 1 && region.ImageIndex >= 0
        && (region.Polygon is not { } outline
            || (!outline.IsDefault && outline.Length >= 6 && outline.Length % 2 == 0 && outline.Length <= 2 * Region.MaxCorners && outline.All(share => share is >= 0 and <= 1)));

    private static bool IsWhole(VoteOption option) => option is { Answer: not null, Normalised: not null, Agents.IsDefault: false };
}
