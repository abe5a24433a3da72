using System.Globalization;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Scoring;

namespace MuseWorkbench.Curation.Experiments;

/// <summary>Makes experiments: checks everything that can be checked before the first token is generated.</summary>
public sealed class ExperimentPlanner(IExperimentStore store, ICaseStore cases, ICellRuns runs, TimeProvider time)
{
    /// <exception cref="ExperimentRefusedException">It can't be made so.</exception>
    public async Task<Experiment> CreateAsync(ExperimentDraft draft, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(draft);
        CheckTeams(draft);
        CheckNumbers(draft);
        if (CaseAssertions.Fault(draft.DefaultAssertions) is { } fault)
            throw Invalid($"The default assertions can't be used. {fault}");
        var dataset = await cases.FindAsync(draft.DatasetId, cancellationToken) ?? throw new ExperimentRefusedException(ExperimentRefusal.NotFound, "There is no such dataset.");
        var version = await VersionAsync(draft, dataset, cancellationToken);
        var chosen = await ChooseAsync(draft, dataset, version, cancellationToken);
        CheckScorable(draft, chosen);
        var seedBase = draft.SeedBase ?? (uint)Random.Shared.Next();
        var now = time.GetUtcNow();
        var experiment = new Experiment
        {
            Id = Guid.CreateVersion7(now), Name = Name(draft, dataset, version), CreatedAt = now,
            DatasetId = dataset.Id, DatasetName = dataset.Name, Version = version, ScoredVersion = version,
            Filter = draft.Filter is null || draft.Filter == new ExperimentFilter() ? null : draft.Filter,
            Teams = draft.Teams, Cases = chosen.Count, Repeats = draft.Repeats, SeedBase = seedBase, DefaultAssertions = draft.DefaultAssertions,
            State = draft.Paused ? ExperimentState.Paused : ExperimentState.Running,
        };
        await store.CreateAsync(experiment, chosen, (@case, repeat) => CellAttempt.Seed(seedBase, @case, repeat), cancellationToken);
        return experiment;
    }

    private void CheckTeams(ExperimentDraft draft)
    {
        if (draft.Teams.IsDefaultOrEmpty || draft.Teams.Length > ExperimentLimits.Teams)
            throw Invalid($"An experiment has 1 to {ExperimentLimits.Teams} teams.");
        foreach (var team in draft.Teams)
        {
            if (runs.Fault(team.Spec) is { } fault)
                throw Invalid($"The team '{CellScoring.Shorten(team.Spec.Name ?? "", 60)}' can't be run. {fault}");
        }
        if (draft.Teams.GroupBy(team => team.Hash).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw Invalid($"The team '{twice.First().Spec.Name}' is there twice. For several attempts of one team, repeat it.");
        if (draft.Teams.GroupBy(team => team.Spec.Name, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } named)
            throw Invalid($"Two teams are called '{named.Key}': rename one, so that results can tell them apart.");
    }

    private static void CheckNumbers(ExperimentDraft draft)
    {
        if (draft.Repeats is < 1 or > ExperimentLimits.Repeats)
            throw Invalid($"An experiment has 1 to {ExperimentLimits.Repeats} repeats.");
        if (draft.Filter?.First is < 1)
            throw Invalid("The number of cases is 1 or more.");
        if (draft.Name.Length > ExperimentLimits.NameLength)
            throw Invalid($"The name is longer than {ExperimentLimits.NameLength} characters.");
    }

    private async Task<int> VersionAsync(ExperimentDraft draft, Dataset dataset, CancellationToken cancellationToken)
    {
        if (draft.Version is { } number)
        {
            return dataset.Versions.Any(v => v.Number == number)
                ? number
                : throw new ExperimentRefusedException(ExperimentRefusal.NotFound, $"'{dataset.Name}' has no version {number}.");
        }
        if (draft.Publish && dataset.DraftChanged)
            return (await cases.PublishAsync(dataset.Id, "", cancellationToken))?.Number ?? throw new ExperimentRefusedException(ExperimentRefusal.NotFound, "There is no such dataset.");
        if (dataset.Versions.IsEmpty)
            throw new ExperimentRefusedException(ExperimentRefusal.PublishFirst, $"'{dataset.Name}' has no published version yet, and only what is published can be run. Publish it first.");
        var latest = dataset.Versions[^1].Number;
        return dataset.DraftChanged
            ? throw new ExperimentRefusedException(ExperimentRefusal.PublishFirst, $"The draft of '{dataset.Name}' has changes that version {latest} lacks. Publish it, or name the version to run.")
            : latest;
    }

    private async Task<IReadOnlyList<ExperimentCase>> ChooseAsync(ExperimentDraft draft, Dataset dataset, int version, CancellationToken cancellationToken)
    {
        var chosen = new List<ExperimentCase>();
        var most = Math.Min(draft.Filter?.First ?? int.MaxValue, ExperimentLimits.Cells / (draft.Teams.Length * draft.Repeats) + 1);
        await foreach (var @case in cases.ReadAsync(dataset.Id, version, cancellationToken))
        {
            if (draft.Filter is { Tag: { Length: > 0 } tag } && !@case.Tags.Contains(tag, StringComparer.Ordinal)
                || draft.Filter is { Split: { Length: > 0 } split } && @case.Split != split)
            {
                continue;
            }
            chosen.Add(ExperimentCase.Of(chosen.Count, @case));
            if (chosen.Count == most)
                break;
        }
        if (chosen.Count == 0)
            throw Invalid($"No case of version {version} matches.");
        if ((long)chosen.Count * draft.Teams.Length * draft.Repeats > ExperimentLimits.Cells)
            throw Invalid(string.Create(CultureInfo.InvariantCulture, $"That would be more than {ExperimentLimits.Cells:N0} attempts. Take fewer cases, teams or repeats."));
        return chosen;
    }

    // An answer nobody can score is paid for all the same.
    private static void CheckScorable(ExperimentDraft draft, IReadOnlyList<ExperimentCase> chosen)
    {
        var (faulty, first) = (0, "");
        foreach (var @case in chosen)
        {
            try
            {
                _ = CaseAssertions.Of(@case.Case, draft.DefaultAssertions);
            }
            catch (AssertionFormatException e)
            {
                if (++faulty == 1)
                    first = $"'{@case.Key.CaseId}': {e.Message}";
            }
        }
        if (faulty > 0)
            throw new ExperimentRefusedException(ExperimentRefusal.Unscorable, string.Create(CultureInfo.InvariantCulture, $"{faulty:N0} of {chosen.Count:N0} cases can't be scored; the first is {first}"));
    }

    private string Name(ExperimentDraft draft, Dataset dataset, int version) => draft.Name.Trim() is { Length: > 0 } name
        ? name
        : CellScoring.Shorten(string.Create(CultureInfo.InvariantCulture, $"{dataset.Name} v{version}, {time.GetUtcNow():yyyy-MM-dd HH:mm}"), ExperimentLimits.NameLength);

    private static ExperimentRefusedException Invalid(string message) => new(ExperimentRefusal.Invalid, message);
}
