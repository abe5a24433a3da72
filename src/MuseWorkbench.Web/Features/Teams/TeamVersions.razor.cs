using Microsoft.AspNetCore.Components;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Teams;

/// <summary>The versions of a team: look at one, export it.</summary>
public sealed partial class TeamVersions
{
    [Parameter, EditorRequired] public required StoredTeam Team { get; set; }
    [Parameter] public TeamVersion? Shown { get; set; }
    [Parameter] public EventCallback<TeamVersion> OnShow { get; set; }
}
