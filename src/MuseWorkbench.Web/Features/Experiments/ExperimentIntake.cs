using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Agents.Teams;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Experiments;

namespace MuseWorkbench.Web.Features.Experiments;

/// <summary>An experiment as it is asked for from outside.</summary>
public sealed record ExperimentRequest
{
    public string? Name { get; init; }

    /// <summary>The dataset's id; or else its name.</summary>
    public Guid? DatasetId { get; init; }
    public string? Dataset { get; init; }

    /// <summary>A published version; null for the latest.</summary>
    public int? Version { get; init; }

    /// <summary>Whether a changed draft is published first.</summary>
    public bool Publish { get; init; }
    public ExperimentFilter? Filter { get; init; }
    public required ImmutableArray<TeamReference> Teams { get; init; }
    public int Repeats { get; init; } = 1;
    public uint? SeedBase { get; init; }

    /// <summary>For cases that have none.</summary>
    public ImmutableArray<JsonElement>? Assertions { get; init; }

    /// <summary>Whether it waits to be resumed.</summary>
    public bool Paused { get; init; }
}

/// <summary>A team, in one of three ways: a kept one by id, a strategy's preset, or written out.</summary>
public sealed record TeamReference
{
    public Guid? Id { get; init; }

    /// <summary>Of the kept team; null for its latest.</summary>
    public int? Version { get; init; }

    /// <summary>A strategy's name.</summary>
    public string? Preset { get; init; }
    public TeamSpec? Spec { get; init; }
}

/// <summary>Takes a request for an experiment: finds what it names.</summary>
public sealed class ExperimentIntake(ExperimentService experiments, ICaseStore cases, ITeamStore teams, StrategyCatalogue strategies)
{
    // A misspelt name must not silently mean the default.
    private static readonly JsonSerializerOptions s_strict = new(MuseJson.Options) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    /// <exception cref="ExperimentRefusedException">It can't be made so; the message is for whoever asked.</exception>
    public async Task<Experiment> CreateAsync(JsonElement request, CancellationToken cancellationToken)
    {
        ExperimentRequest read;
        try
        {
            read = request.Deserialize<ExperimentRequest>(s_strict) ?? throw Invalid("The request is empty.");
        }
        catch (JsonException e)
        {
            throw Invalid(Explain(e));
        }

        var frozen = ImmutableArray.CreateBuilder<ExperimentTeam>();
        foreach (var choice in read.Teams.IsDefault ? [] : read.Teams)
        {
            frozen.Add(await FindAsync(choice, cancellationToken));
        }

        return await experiments.CreateAsync(new ExperimentDraft
        {
            Name = read.Name ?? "", DatasetId = await DatasetAsync(read, cancellationToken), Version = read.Version, Publish = read.Publish, Filter = read.Filter,
            Teams = frozen.ToImmutable(), Repeats = read.Repeats, SeedBase = read.SeedBase, DefaultAssertions = read.Assertions ?? [], Paused = read.Paused,
        }, cancellationToken);
    }

    /// <summary>A team frozen as it is.</summary>
    public static ExperimentTeam Freeze(TeamSpec spec) => new(spec, TeamHash.Of(spec));

    private async Task<ExperimentTeam> FindAsync(TeamReference? choice, CancellationToken cancellationToken)
    {
        switch (choice)
        {
            case { Id: { } id, Preset: null, Spec: null }:
                var team = await teams.FindAsync(id, cancellationToken) ?? throw new ExperimentRefusedException(ExperimentRefusal.NotFound, $"There is no team {id}.");
                var version = choice.Version is { } number ? team.Versions.FirstOrDefault(v => v.Number == number) : team.Latest;
                return version is null
                    ? throw new ExperimentRefusedException(ExperimentRefusal.NotFound, $"The team '{team.Latest.Spec.Name}' has no version {choice.Version}.")
                    : new ExperimentTeam(version.Spec, version.Hash);
            case { Preset: { } preset, Id: null, Spec: null }:
                var strategy = strategies.Find(preset) ?? throw Invalid($"There is no preset '{preset}'; there are {string.Join(", ", strategies.All.Select(s => s.Name))}.");
                return Freeze(TeamPresets.For(strategy));
            case { Spec: { } spec, Id: null, Preset: null }:
                return Freeze(spec);
            default:
                throw Invalid("A team is given by 'id', by 'preset' or by 'spec', one of them.");
        }
    }

    private async Task<Guid> DatasetAsync(ExperimentRequest request, CancellationToken cancellationToken)
    {
        if (request.DatasetId is { } id)
        {
            return id;
        }

        if (request.Dataset is not { Length: > 0 } name)
        {
            throw Invalid("The request names no dataset: give 'datasetId' or 'dataset'.");
        }

        var named = (await cases.ListAsync(cancellationToken)).Where(dataset => string.Equals(dataset.Name, name, StringComparison.OrdinalIgnoreCase)).ToList();
        return named.Count switch
        {
            0 => throw new ExperimentRefusedException(ExperimentRefusal.NotFound, $"There is no dataset called '{name}'."),
            1 => named[0].Id,
            _ => throw Invalid($"Several datasets are called '{name}': give 'datasetId'."),
        };
    }

    // The reader's own messages name types of this program; whoever asked knows only the places in the request.
    private static string Explain(JsonException e)
    {
        const string Missing = "missing required properties including: ";
        var missing = e.Message.IndexOf(Missing, StringComparison.Ordinal);
        if (missing >= 0)
        {
            return $"The request lacks {e.Message[(missing + Missing.Length)..].TrimEnd('.')}.";
        }

        const string Unknown = "The JSON property '";
        return e.Message.StartsWith(Unknown, StringComparison.Ordinal) && e.Message.IndexOf('\'', Unknown.Length) is > 0 and var end
            ? $"The request has no field '{e.Message[Unknown.Length..end]}'."
            : $"The request can't be read: what stands at {e.Path ?? "$"} is not what is expected there.";
    }

    private static ExperimentRefusedException Invalid(string message) => new(ExperimentRefusal.Invalid, message);
}
