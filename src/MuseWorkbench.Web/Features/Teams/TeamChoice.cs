using System.Collections.Immutable;
using System.Globalization;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Agents.Teams;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.Compose;

namespace MuseWorkbench.Web.Features.Teams;

/// <summary>A team that can be asked: one of the presets, one of each strategy, or one that is kept.</summary>
/// <param name="Key">Stable, for a list's values.</param>
/// <param name="Group">What it is listed under.</param>
public sealed record TeamChoice(string Key, string Group, TeamSpec Team)
{
    public static ImmutableArray<TeamChoice> All(StrategyCatalogue strategies, IEnumerable<StoredTeam> kept) =>
    [
        .. kept.Select(team => new TeamChoice(team.Id.ToString(), "Your teams", team.Latest.Spec)),
        .. TeamPreset.All.Select(preset => new TeamChoice("preset:" + preset.Name, "Votes", Of(preset))),
        .. TeamPresets.All(strategies).Select(team => new TeamChoice("strategy:" + team.Strategy, "Strategies", team)),
    ];

    /// <summary>What it is called in a list.</summary>
    public string Label => Team.Agents.Length == 1
        ? Team.Name
        : string.Create(CultureInfo.InvariantCulture, $"{Web.Shared.Text.Shorten(Team.Name, 50)} · {Team.Agents.Length} agents");

    private static TeamSpec Of(TeamPreset preset)
    {
        var model = new ComposerModel();
        model.Use(preset);
        return model.Build().Team;
    }
}
