using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Agents.Teams;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Exchange;
using MuseWorkbench.Data.Runs;
using MuseWorkbench.Web.Features.Runs.Export;
using MuseWorkbench.Web.Features.Workbench;

namespace MuseWorkbench.Web.Features.Cases.Exchange;

/// <summary>
/// The teams and runs that belong to a dataset: those of its experiments, and the runs that cases were promoted from. Runs
/// are written as they are exported by themselves, but for their images, which the bundle holds once.
/// </summary>
internal sealed class BundleCompany(
    IExperimentStore experiments, ICaseStore cases, ITeamStore teams, StrategyCatalogue strategies, IRunStore store, IRunCatalog catalog, RunExport export, RunImport import)
    : IBundleCompany
{
    /// <summary>Most runs of a bundle; those of the latest experiments come first.</summary>
    public const int MaxRuns = 2_000;

    /// <summary>What an imported run is found by.</summary>
    public const string Tag = "imported";

    /// <summary>The teams, then the runs. A run that is gone or still under way is left out.</summary>
    public async IAsyncEnumerable<BundleFile> ReadAsync(Guid dataset, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var own = (await experiments.ListAsync(cancellationToken)).Where(experiment => experiment.DatasetId == dataset).ToArray();
        foreach (var team in own.SelectMany(experiment => experiment.Teams).DistinctBy(team => team.Hash))
            yield return new BundleFile(BundlePart.Team, team.Hash[..20], Encoding.UTF8.GetBytes(TeamText.Write(team.Spec, TeamFormat.Json)), []);
        var written = 0;
        await foreach (var id in RunsOf(dataset, own, cancellationToken).Distinct().WithCancellation(cancellationToken))
        {
            if (written == MaxRuns)
                yield break;
            if (await ReadRunAsync(id, cancellationToken) is not { } file)
                continue;
            written++;
            yield return file;
        }
    }

    public async Task<BundleCheck> CheckAsync(BundlePart part, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (part == BundlePart.Team)
            return new([], await IsKeptAsync(ReadTeam(content), cancellationToken) ? "This team is here already." : null);
        var document = await ReadRunAsync(content, cancellationToken);
        return new(
            [.. document.Images.Select(image => image.Sha256)],
            await store.ContainsAsync(document.Events[0].RunId, cancellationToken) ? "This run is here already." : null);
    }

    public async Task<Func<Task>?> KeepAsync(BundlePart part, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (part == BundlePart.Team)
        {
            var team = ReadTeam(content);
            if (await IsKeptAsync(team, cancellationToken))
                return null;
            var kept = await teams.CreateAsync(team, cancellationToken);
            return () => teams.DeleteAsync(kept.Id, CancellationToken.None);
        }

        if (!store.Status.Saves)
            throw new BundlePartException($"Runs can't be saved at the moment. {store.Status.Problem}".Trim());
        var document = await ReadRunAsync(content, cancellationToken);
        var remarks = document.Remarks ?? new RunRemarks();
        document = document with { Remarks = remarks with { Tags = [Tag, .. (remarks.Tags.IsDefault ? [] : remarks.Tags).Where(tag => tag is not null).Take(RunRecord.MaxTags - 1)] } };
        return await import.KeepAsync(document, cancellationToken) ? () => catalog.DeleteAsync(document.Events[0].RunId, CancellationToken.None) : null;
    }

    private async IAsyncEnumerable<Guid> RunsOf(Guid dataset, IReadOnlyList<Experiment> own, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var @case in cases.ReadAsync(dataset, null, cancellationToken))
        {
            if (@case.Provenance?.RunId is { } run)
                yield return run;
        }

        foreach (var experiment in own)
        {
            await foreach (var cell in experiments.ReadCellsAsync(experiment.Id, cancellationToken))
            {
                if (cell is { RunId: { } run, State: CellState.Done or CellState.Error })
                    yield return run;
            }
        }
    }

    private async Task<BundleFile?> ReadRunAsync(Guid id, CancellationToken cancellationToken)
    {
        try
        {
            if (await export.CreateAsync(id, withRemarks: true, cancellationToken) is not { } document || document.Events is not [RunStarted, .., RunFinished])
                return null;
            var refs = document.Images.Select(image => new ImageRef(image.Sha256, image.MediaType, 0, 0, "")).ToImmutableArray();
            var content = JsonSerializer.SerializeToUtf8Bytes(document with { Images = [.. document.Images.Select(image => image with { Data = [] })] }, MuseJson.Options);
            return new BundleFile(BundlePart.Run, id.ToString(), content, refs);
        }
        catch (RunRejectedException)
        {
            return null; // still under way
        }
    }

    private static async Task<RunDocument> ReadRunAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        try
        {
            using var stream = new MemoryStream(content.ToArray(), writable: false);
            var document = await RunImport.ReadAsync(stream, cancellationToken);
            return document.Images.All(image => image is { Data.Length: 0 } && BlobFolder.IsName(image.Sha256))
                ? document
                : throw new BundlePartException("An image stands in the file itself or has no proper name.");
        }
        catch (RunImportException e)
        {
            throw new BundlePartException(e.Message, e);
        }
    }

    private TeamSpec ReadTeam(ReadOnlyMemory<byte> content)
    {
        try
        {
            var team = TeamText.Read(Encoding.UTF8.GetString(content.Span));
            return (TeamRules.Fault(team) ?? strategies.Fault(team)) is { } fault ? throw new BundlePartException(fault) : team;
        }
        catch (TeamFormatException e)
        {
            throw new BundlePartException(e.Message, e);
        }
    }

    private async Task<bool> IsKeptAsync(TeamSpec team, CancellationToken cancellationToken)
    {
        var hash = TeamHash.Of(team);
        return (await teams.ListAsync(cancellationToken)).Any(kept => kept.Versions.Any(version => version.Hash == hash));
    }
}
