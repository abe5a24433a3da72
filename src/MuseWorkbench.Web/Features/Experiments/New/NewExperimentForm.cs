using MuseWorkbench.Agents.Teams;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Experiments;
using MuseWorkbench.Web.Features.Teams;

namespace MuseWorkbench.Web.Features.Experiments.New;

/// <summary>An experiment as it is being put together. Touched on the circuit's dispatcher only.</summary>
public sealed class NewExperimentForm
{
    private readonly List<TeamChoice> _teams = [];

    public string Name { get; set; } = "";
    public Dataset? Dataset { get; private set; }

    /// <summary>A published version; null for the latest.</summary>
    public int? Version { get; set; }

    public string Tag { get; set; } = "";
    public string Split { get; set; } = "";

    /// <summary>The first so many cases; null for all.</summary>
    public int? First { get; set; }

    public int Repeats { get; set; } = 1;

    /// <summary>Null draws one.</summary>
    public uint? Seed { get; set; }

    public IReadOnlyList<TeamChoice> Teams => _teams;

    public void Use(Dataset? dataset) => (Dataset, Version, Tag, Split) = (dataset, null, "", "");

    public bool Has(TeamChoice team) => _teams.Contains(team);

    /// <summary>Takes a team in or out; the first one is the baseline.</summary>
    public void Toggle(TeamChoice team)
    {
        if (!_teams.Remove(team) && _teams.Count < ExperimentLimits.Teams)
        {
            _teams.Add(team);
        }
    }

    /// <summary>What is missing before it can be made, in words; null where nothing is.</summary>
    public string? Missing =>
        Dataset is null ? "Choose a dataset."
        : _teams.Count == 0 ? "Choose at least one team."
        : Repeats is < 1 or > ExperimentLimits.Repeats ? $"Repeats are 1 to {ExperimentLimits.Repeats}."
        : First is < 1 ? "The number of cases is 1 or more."
        : null;

    /// <param name="publish">Whether changes of the draft are published first.</param>
    public ExperimentDraft Build(bool publish) => new()
    {
        Name = Name, DatasetId = Dataset!.Id, Version = Version, Publish = publish, Repeats = Repeats, SeedBase = Seed,
        Filter = new ExperimentFilter { Tag = Tag.Length > 0 ? Tag : null, Split = Split.Length > 0 ? Split : null, First = First },
        Teams = [.. _teams.Select(team => new ExperimentTeam(team.Team, TeamHash.Of(team.Team)))],
    };
}
