using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Agents.Teams;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Teams;

/// <summary>The teams that are kept, and one of them under edit.</summary>
public sealed partial class TeamsPage
{
    private IReadOnlyList<StoredTeam> _teams = [];
    private StoredTeam? _team;
    private TeamDraft? _draft;
    private TeamVersion? _shown;
    private string? _problem;
    private string _said = "";
    private bool _missing, _deleting;

    [Inject] public required ITeamStore Teams { get; init; }
    [Inject] public required TeamIntake Intake { get; init; }
    [Inject] public required StrategyCatalogue Strategies { get; init; }
    [Inject] public required NavigationManager Navigation { get; init; }

    [Parameter] public Guid? TeamId { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        _teams = await Teams.ListAsync();
        if (_team?.Id != TeamId || _team is null)
        {
            (_team, _draft, _shown, _deleting) = (null, null, null, false);
            var found = TeamId is { } id ? _teams.FirstOrDefault(team => team.Id == id) : null;
            _missing = TeamId is not null && found is null;
            if (found is not null)
            {
                Edit(found);
            }
        }
    }

    private void Edit(StoredTeam team) => (_team, _shown, _draft) = (team, team.Latest, new TeamDraft(Strategies, team.Latest.Spec, isKept: true));

    /// <summary>Shows an earlier version; saved, it becomes a new one.</summary>
    private void Show(TeamVersion version)
    {
        _shown = version;
        _draft = new TeamDraft(Strategies, version.Spec, isKept: version.Number == _team!.Latest.Number);
    }

    private Task CreateAsync(TeamSpec preset) => GoToAsync(Teams.CreateAsync(preset with { Name = NewName(preset.Name) }), "created");

    private Task DuplicateAsync() => GoToAsync(Teams.CreateAsync(_draft!.ToSpec() with { Name = NewName(_draft.Name) }), "duplicated");

    private async Task SaveAsync()
    {
        if (await Teams.SaveAsync(_team!.Id, _draft!.ToSpec()) is { } saved)
        {
            Edit(saved);
            _teams = await Teams.ListAsync();
            _said = $"Saved as version {saved.Latest.Number}.";
        }
        else
        {
            _problem = "This team was deleted meanwhile; duplicate it to keep what you see.";
        }
    }

    private async Task DeleteAsync()
    {
        await Teams.DeleteAsync(_team!.Id);
        _said = "Deleted.";
        Navigation.NavigateTo("teams");
    }

    private async Task ImportAsync(InputFileChangeEventArgs e)
    {
        _problem = null;
        try
        {
            using var reader = new StreamReader(e.File.OpenReadStream(TeamText.MaxLength));
            await GoToAsync(Intake.ImportAsync(await reader.ReadToEndAsync(), CancellationToken.None), "imported");
        }
        catch (TeamFormatException refused)
        {
            _problem = $"{Text.Shorten(e.File.Name, 60)}: {refused.Message}";
        }
        catch (IOException)
        {
            _problem = $"{Text.Shorten(e.File.Name, 60)}: the file is too long for a team, or could not be read.";
        }
    }

    private async Task GoToAsync(Task<StoredTeam> making, string done)
    {
        var team = await making;
        _said = $"{team.Latest.Spec.Name} {done}.";
        Navigation.NavigateTo($"teams/{team.Id}");
    }

    // Two teams may have one name; a new one should not.
    private string NewName(string name)
    {
        var taken = _teams.Select(team => team.Latest.Spec.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return taken.Contains(name)
            ? Enumerable.Range(2, taken.Count + 1).Select(n => $"{name} {n}").First(candidate => !taken.Contains(candidate))
            : name;
    }
}
