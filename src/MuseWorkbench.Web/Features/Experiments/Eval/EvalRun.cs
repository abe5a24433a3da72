using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Agents.Teams;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Exchange;
using MuseWorkbench.Curation.Experiments;
using MuseWorkbench.Curation.Experiments.Reports;
using MuseWorkbench.Curation.Experiments.Results;
using MuseWorkbench.Curation.Scoring;

namespace MuseWorkbench.Web.Features.Experiments.Eval;

/// <summary>One evaluation: finds what it is about, runs it while saying how far it is, and writes what came of it.</summary>
internal sealed class EvalRun(IServiceProvider services, EvalOptions options, TextWriter output, TextWriter errors)
{
    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(1);

    private readonly ICaseStore _cases = services.GetRequiredService<ICaseStore>();
    private readonly IExperimentStore _store = services.GetRequiredService<IExperimentStore>();
    private readonly ExperimentService _experiments = services.GetRequiredService<ExperimentService>();
    private string _said = "";

    /// <returns>Whether every team reaches the threshold.</returns>
    public async Task<bool> RunAsync(CancellationToken stop)
    {
        if (services.GetRequiredService<IRunStore>().Status is { Saves: false } status)
        {
            throw new EvalException(status.Problem ?? "Nothing can be kept.");
        }

        var experiment = await _experiments.CreateAsync(new ExperimentDraft
        {
            DatasetId = await DatasetAsync(stop), Version = options.Version, Publish = options.Publish, Filter = options.Filter, Repeats = options.Repeats,
            SeedBase = options.Seed, Teams = await TeamsAsync(stop), DefaultAssertions = await AssertionsAsync(stop),
        }, stop);
        try
        {
            await WaitAsync(experiment.Id, stop);
        }
        catch (OperationCanceledException)
        {
            // Else the workbench would go on with it at its next start.
            await _experiments.CancelAsync(experiment.Id, CancellationToken.None);
            throw;
        }

        var cells = await _store.ReadCellsAsync(experiment.Id, stop).ToListAsync(stop);
        var results = ExperimentResults.Of((await _store.FindAsync(experiment.Id, stop))!, await _store.ReadCasesAsync(experiment.Id, stop), cells);
        foreach (var verdict in results.Verdicts)
        {
            await output.WriteLineAsync(verdict);
        }

        await ReportAsync(results.Experiment, stop);
        return results.Done == 0
            ? throw new EvalException($"No attempt could be scored. {cells.FirstOrDefault(cell => cell.Result?.Error is not null)?.Result!.Error}".Trim())
            : options.FailUnder is not { } least || results.Teams.All(team => team.Summary.Accuracy?.Value >= least - 1e-9);
    }

    private async Task WaitAsync(Guid experiment, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(s_tick);
        while (true)
        {
            var progress = (await _experiments.GetProgressAsync(experiment, stop))!;
            await SayAsync(progress);
            switch (progress.Experiment.State)
            {
                case ExperimentState.Completed:
                    await errors.WriteLineAsync();
                    return;
                case not ExperimentState.Running:
                    await errors.WriteLineAsync();
                    throw new EvalException(progress.Experiment.Reason ?? "It was stopped.");
            }

            await timer.WaitForNextTickAsync(stop);
        }
    }

    private async Task SayAsync(ExperimentProgress progress)
    {
        var counts = progress.Counts;
        var left = progress.Remaining is { } remaining ? $", about {Shared.Fmt.Ms(remaining.TotalMilliseconds)} left" : "";
        var said = string.Create(CultureInfo.InvariantCulture, $"{counts.Done + counts.Errors}/{counts.Total} done{(counts.Errors > 0 ? $", {counts.Errors} with errors" : "")}{left}");
        if (said != _said)
        {
            await errors.WriteAsync($"\r{said.PadRight(_said.Length)}");
            await errors.FlushAsync();
            _said = said;
        }
    }

    private async Task<Guid> DatasetAsync(CancellationToken stop)
    {
        var isFile = File.Exists(options.Dataset);
        var named = (await _cases.ListAsync(stop)).Where(dataset => string.Equals(dataset.Name, NameOf(options.Dataset, isFile), StringComparison.OrdinalIgnoreCase)).ToList();
        if (!isFile && !Directory.Exists(options.Dataset))
        {
            return named.Count switch
            {
                1 => named[0].Id,
                0 => throw new EvalException($"There is no dataset called '{options.Dataset}', and no such file."),
                _ => throw new EvalException($"Several datasets are called '{options.Dataset}'."),
            };
        }

        if (options.Version is not null)
        {
            throw new EvalException("A file has no versions: leave --version out.");
        }

        var id = await ImportAsync(isFile, named.FirstOrDefault()?.Id, stop);
        await _cases.PublishAsync(id, "", stop);
        return id;
    }

    // A file that was imported before goes into the same dataset: equal cases change nothing.
    private async Task<Guid> ImportAsync(bool isFile, Guid? there, CancellationToken stop)
    {
        ImportReport report;
        try
        {
            await using var content = isFile ? File.OpenRead(options.Dataset) : Stream.Null;
            using IImportFiles files = !isFile ? new FolderImportFiles(options.Dataset)
                : Path.GetExtension(options.Dataset).ToUpperInvariant() is ".ZIP" or ".EVAL" ? new ZipImportFiles(options.Dataset, content)
                : new SingleImportFile(options.Dataset, content);
            var target = there is { } id ? ImportTarget.Into(id) : ImportTarget.New(NameOf(options.Dataset, isFile));
            report = await services.GetRequiredService<CaseImporter>().ImportAsync(files, target, cancellationToken: stop);
        }
        catch (Exception e) when (e is ImportRefusedException or IOException or UnauthorizedAccessException)
        {
            throw new EvalException($"The dataset '{options.Dataset}' can't be read. {e.Message}");
        }

        return report.DatasetId ?? throw new EvalException($"The dataset '{options.Dataset}' can't be read. {report.Faults.FirstOrDefault()?.Place} {report.Faults.FirstOrDefault()?.Reason}".TrimEnd());
    }

    private static string NameOf(string path, bool isFile) =>
        isFile ? Path.GetFileNameWithoutExtension(path) : Directory.Exists(path) ? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path))) : path;

    private async Task<ImmutableArray<ExperimentTeam>> TeamsAsync(CancellationToken stop)
    {
        var strategies = services.GetRequiredService<StrategyCatalogue>();
        var kept = await services.GetRequiredService<ITeamStore>().ListAsync(stop);
        var teams = ImmutableArray.CreateBuilder<ExperimentTeam>();
        foreach (var name in options.Teams)
        {
            teams.Add(File.Exists(name) ? ExperimentIntake.Freeze(await ReadTeamAsync(name, stop))
                : strategies.Find(name) is { } strategy ? ExperimentIntake.Freeze(TeamPresets.For(strategy))
                : kept.FirstOrDefault(team => string.Equals(team.Latest.Spec.Name, name, StringComparison.OrdinalIgnoreCase)) is { } found ? new ExperimentTeam(found.Latest.Spec, found.Latest.Hash)
                : throw new EvalException($"'{name}' is no file, no kept team and no preset; presets are {string.Join(", ", strategies.All.Select(s => s.Name))}."));
        }

        return teams.ToImmutable();
    }

    private static async Task<TeamSpec> ReadTeamAsync(string path, CancellationToken stop)
    {
        try
        {
            return TeamText.Read(await File.ReadAllTextAsync(path, stop));
        }
        catch (Exception e) when (e is TeamFormatException or IOException or UnauthorizedAccessException)
        {
            throw new EvalException($"The team '{path}' can't be read. {e.Message}");
        }
    }

    // Read as they stand: what cases expect is filled in later, case by case.
    private async Task<ImmutableArray<JsonElement>> AssertionsAsync(CancellationToken stop)
    {
        if (options.Assertions is not { } path)
        {
            return [];
        }

        try
        {
            using var json = JsonDocument.Parse(await File.ReadAllTextAsync(path, stop));
            return json.RootElement.ValueKind == JsonValueKind.Array
                ? [.. json.RootElement.EnumerateArray().Select(item => item.Clone())]
                : throw new EvalException($"'{path}' holds no list of assertions.");
        }
        catch (Exception e) when (e is JsonException or AssertionFormatException or IOException or UnauthorizedAccessException)
        {
            throw new EvalException($"The assertions '{path}' can't be read as JSON. {e.Message}");
        }
    }

    private async Task ReportAsync(Experiment experiment, CancellationToken stop)
    {
        foreach (var path in options.Reports)
        {
            try
            {
                await using var file = File.Create(path);
                await services.GetRequiredService<ExperimentReports>().WriteAsync(experiment, ReportFormats.Find(Path.GetExtension(path).TrimStart('.'))!.Value, 0, file, stop);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new EvalException($"The report '{path}' can't be written. {e.Message}");
            }
        }
    }
}
