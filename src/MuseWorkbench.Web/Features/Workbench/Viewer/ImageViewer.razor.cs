using Microsoft.AspNetCore.Components;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.Compose;
using MuseWorkbench.Web.Features.Workbench.State;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Workbench.Viewer;

/// <summary>The images of the question: one large with its boxes, all as thumbnails, and room for the next.</summary>
public sealed partial class ImageViewer : LiveComponent
{
    private static readonly (BoxMode Mode, string Name, string Tip)[] s_modes =
    [
        (BoxMode.Merged, "Merged", "One outline for each thing, in the colours of the agents that named it"),
        (BoxMode.All, "All", "Every agent's own places"),
        (BoxMode.Order, "Order", "One agent's places, numbered in the order it looked at them"),
        (BoxMode.Heat, "Heat", "How many agents look where"),
        (BoxMode.Off, "Off", "Only while you point at an agent"),
    ];

    private BoxMode _mode;
    private bool _cropping;
    private int? _orderOf;

    [Parameter, EditorRequired] public required ComposerModel Model { get; set; }
    [Parameter] public RunViewModel? Run { get; set; }
    /// <summary>The agent read large, if one is: whose reading order is asked for then.</summary>
    [Parameter] public int? Focused { get; set; }
    [Parameter] public EventCallback OnChanged { get; set; }
    /// <summary>How places are drawn at first.</summary>
    [Parameter] public BoxMode Mode { get; set; }
    [Parameter] public EventCallback<BoxMode> ModeChanged { get; set; }

    private bool IsRunning => Run is { IsRunning: true };

    protected override object Stamp => (
        string.Join(' ', Model.Images.Select(image => image.Sha256)), Model.Selected, _mode, OrderOf, _cropping, Model.Crops.Count, Model.Current is { } shown ? Model.CropOf(shown) : null, Run?.RunId, Run?.OverlayVersion, IsRunning, Run?.Request is null);

    /// <summary>Whose reading order is shown: the agent chosen, else the one read large, else the first that named anything.</summary>
    private int OrderOf => (_orderOf ?? Focused) is { } agent && agent < Run?.Agents.Length ? agent : Run?.Marks.Select(mark => (int?)mark.Agent).Min() ?? 0;

    private void Step(int by) => _orderOf = (OrderOf + by + Run!.Agents.Length) % Run.Agents.Length;

    private Task Draw(BoxMode mode)
    {
        _mode = mode;
        return ModeChanged.InvokeAsync(mode);
    }

    protected override void OnInitialized() => _mode = Mode;

    // A run's boxes are not to be dimmed by what is drawn for it.
    protected override void OnParametersSet()
    {
        _cropping &= !IsRunning;
        base.OnParametersSet();
    }

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
