using Microsoft.AspNetCore.Components;

namespace MuseWorkbench.Web.Features.Teams;

/// <summary>One agent of a team under edit.</summary>
public sealed partial class AgentFields
{
    [Parameter, EditorRequired] public required AgentDraft Agent { get; set; }
    /// <summary>Begins the ids of its fields.</summary>
    [Parameter, EditorRequired] public required string Id { get; set; }
    [Parameter, EditorRequired] public required string Colour { get; set; }
    /// <summary>Buttons beside the name.</summary>
    [Parameter] public RenderFragment? ChildContent { get; set; }
    [Parameter] public EventCallback OnChanged { get; set; }

    private Task Changed() => OnChanged.InvokeAsync();
}
