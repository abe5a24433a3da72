using Microsoft.AspNetCore.Components;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.Compose;

namespace MuseWorkbench.Web.Features.Workbench;

/// <summary>Before the first run: what this is, scenes to try, runs to return to.</summary>
public sealed partial class Welcome
{
    [Parameter, EditorRequired] public required ComposerModel Model { get; set; }
    [Parameter, EditorRequired] public required IReadOnlyList<SampleScene> Samples { get; set; }
    [Parameter] public IReadOnlyList<RunSummary> Recent { get; set; } = [];
    [Parameter] public EventCallback<SampleScene> OnSample { get; set; }

    private string Ready => Model.Agents == 1 ? "One agent is ready." : $"{Model.Agents} agents are ready.";
}
