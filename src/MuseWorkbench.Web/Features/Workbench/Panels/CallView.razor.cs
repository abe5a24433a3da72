using Microsoft.AspNetCore.Components;
using MuseWorkbench.Web.Features.Workbench.State;

namespace MuseWorkbench.Web.Features.Workbench.Panels;

/// <summary>A tool call in place: what was asked, what came back, the picture where there is one.</summary>
public sealed partial class CallView
{
    [Parameter, EditorRequired] public required CallItem Call { get; set; }

    private string? Address => Call.Image is { } image && BlobFolder.IsName(image.Sha256) ? $"images/{image.Sha256}" : null;
}
