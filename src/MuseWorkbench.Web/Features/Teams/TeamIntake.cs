using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Agents.Teams;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Teams;

/// <summary>Takes a team's text: reads it, checks that it can be run, keeps it.</summary>
public sealed class TeamIntake(ITeamStore teams, StrategyCatalogue strategies)
{
    /// <exception cref="TeamFormatException">It can't be read or could not be run; the message is for whoever wrote it.</exception>
    public async Task<StoredTeam> ImportAsync(string text, CancellationToken cancellationToken)
    {
        var team = TeamText.Read(text);
        return (TeamRules.Fault(team) ?? strategies.Fault(team)) is { } fault
            ? throw new TeamFormatException(fault)
            : await teams.CreateAsync(team, cancellationToken);
    }
}
