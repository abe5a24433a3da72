using Microsoft.AspNetCore.Components;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.Compose;
using MuseWorkbench.Web.Features.Workbench.State;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Workbench.Viewer;

/// <summary>The images of the question: one large with its boxes, all as thumbnails, and room for the next.</summary>
public sealed partial class ImageViewer : LiveComponent
{
    private BoxMode _mode;
    private bool _cropping;

    [Parameter, EditorRequired] public required ComposerModel Model { get; set; }
    [Parameter] public RunViewModel? Run { get; set; }
    [Parameter] public EventCallback OnChanged { get; set; }

    private bool IsRunning => Run is { IsRunning: true };

    protected override object Stamp => (
        string.Join(' ', Model.Images.Select(image => image.Sha256)), Model.Selected, _mode, _cropping, Model.Crops.Count, Model.Current is { } shown ? Model.CropOf(shown) : null, Run?.RunId, Run?.OverlayVersion, IsRunning, Run?.Request is null);

    private string Pressed(BoxMode mode) => _mode == mode ? "true" : "false";

    /// <summary>Where the shown image stood in the run's request: images may have been added or removed since.</summary>
    private int? RunIndex(ImageRef image)
    {
        var index = Run?.Request?.Images.IndexOf(image) ?? -1;
        return index < 0 ? null : index;
    }

    private Task Changed() => OnChanged.InvokeAsync();

    private Task Select(int index)
    {
        Model.Select(index);
        return OnChanged.InvokeAsync();
    }

    private Task Remove(ImageRef image)
    {
        Model.Remove(image);
        return OnChanged.InvokeAsync();
    }
}
