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
        ReasoningDelta { Text: not null } or AnswerDelta { Text: not null } => true,
        RegionFound { Region.Label: not null } => true,
        ToolCalled { CallId: not null, Tool: not null, Arguments: not null } => true,
        ToolReturned { CallId: not null, Result: not null } returned => returned.Image is null || IsWhole(returned.Image),
        AgentFinished { Answer: not null, NormalisedAnswer: not null, Usage: not null, Timings: not null } => true,
        VoteChanged { Options.IsDefault: false } vote => vote.Options.All(IsWhole),
        FinalAnswer { Answer: not null, Options.IsDefault: false } final => final.Options.All(IsWhole),
        RunResumed { Agents.IsDefault: false } => true,
        AgentQueued or AgentPrefilling or RunFinished => true,
        _ => false,
    };

    private static bool IsWhole(ImageRef image) => image is { Name: not null, MediaType: not null } && BlobFolder.IsName(image.Sha256);

    private static bool IsWhole(VoteOption option) => option is { Answer: not null, Normalised: not null, Agents.IsDefault: false };
}
