using Microsoft.AspNetCore.Components;

namespace MuseWorkbench.Web.Features.Workbench.Compose;

/// <summary>The question, the team and the one button that matters.</summary>
public sealed partial class Composer
{
    [Parameter, EditorRequired] public required ComposerModel Model { get; set; }
    [Parameter] public bool IsRunning { get; set; }
    [Parameter] public bool IsStopping { get; set; }
    [Parameter] public EventCallback OnRun { get; set; }
    [Parameter] public EventCallback OnStop { get; set; }

    private void Dismiss(string uploadId) => Model.UploadEnded(uploadId);
}
