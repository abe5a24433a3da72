using System.Collections.Immutable;
using System.Text.Json;
using MuseWorkbench.Core;
using MuseWorkbench.Data.Cases;

namespace MuseWorkbench.Data.Experiments;

/// <summary>Experiments and cells as rows, and back.</summary>
internal static class ExperimentRows
{
    public static StoredExperiment Write(Experiment experiment) => new()
    {
        Id = experiment.Id, CreatedAt = experiment.CreatedAt, State = experiment.State, Reason = experiment.Reason,
        ScoredVersion = experiment.ScoredVersion, Json = JsonSerializer.Serialize(experiment, MuseJson.Options),
    };

    /// <exception cref="InvalidDataException">The row is damaged.</exception>
    public static Experiment Read(StoredExperiment row) =>
        Parse<Experiment>(row.Json) with { State = row.State, Reason = row.Reason, ScoredVersion = row.ScoredVersion };

    public static StoredExperimentCase Write(Guid experiment, ExperimentCase @case) => new()
    {
        ExperimentId = experiment, Index = @case.Key.Index, CaseId = @case.Key.CaseId, Hash = @case.Key.Hash, Cluster = @case.Key.Cluster,
        Json = JsonSerializer.Serialize(@case.Case, MuseJson.Options),
    };

    public static ExperimentCase Read(StoredExperimentCase row) =>
        new(new CaseKey(row.Index, row.CaseId, row.Hash, row.Cluster), CaseRows.Read(row.Json));

    public static ExperimentCell Read(StoredCell row) => new()
    {
        Key = row.Key, ExperimentId = row.ExperimentId, Team = row.Team, Case = row.Case, Repeat = row.Repeat, Seed = (uint)row.Seed,
        State = row.State, RunId = row.RunId, StartedAt = row.StartedAt,
        Result = row is { State: CellState.Done or CellState.Error, FinishedAt: { } at } ? ReadResult(row, at) : null,
    };

    public static void Apply(StoredCell row, CellResult result)
    {
        (row.State, row.Owner, row.LeaseUntil) = (result.Error is null ? CellState.Done : CellState.Error, null, null);
        (row.FinishedAt, row.Score, row.Passed, row.Answer, row.Error) = (result.FinishedAt, result.Score, result.Passed, result.Answer, result.Error);
        (row.Tokens, row.WallClockMs, row.CriticalPathTokens) = (result.Tokens, result.WallClockMs, result.CriticalPathTokens);
        row.Assertions = result.Assertions.IsDefaultOrEmpty ? null : JsonSerializer.Serialize(result.Assertions, MuseJson.Options);
    }

    private static CellResult ReadResult(StoredCell row, DateTimeOffset at) => new()
    {
        Score = row.Score, Passed = row.Passed, Answer = row.Answer, Error = row.Error, Tokens = row.Tokens, WallClockMs = row.WallClockMs,
        CriticalPathTokens = row.CriticalPathTokens, FinishedAt = at,
        Assertions = row.Assertions is null ? [] : Parse<ImmutableArray<AssertionScore>>(row.Assertions),
    };

    private static T Parse<T>(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, MuseJson.Options) ?? throw new InvalidDataException("A kept experiment is empty.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException("A kept experiment can't be read.", e);
        }
    }
}
