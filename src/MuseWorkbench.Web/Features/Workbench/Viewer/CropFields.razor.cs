using System.Globalization;
using Microsoft.AspNetCore.Components;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.Compose;

namespace MuseWorkbench.Web.Features.Workbench.Viewer;

/// <summary>The rectangle on an image by its edges in pixels: what the pointer draws, without one.</summary>
public sealed partial class CropFields
{
    private string? _fault;

    [Parameter, EditorRequired] public required ComposerModel Model { get; set; }
    [Parameter, EditorRequired] public required ImageRef Image { get; set; }
    [Parameter] public EventCallback OnChanged { get; set; }

    private Edges Pixels
    {
        get
        {
            var box = Model.CropOf(Image) ?? NormalizedBox.Whole;
            return new(Round(box.X0 * Image.Width), Round(box.Y0 * Image.Height), Round(box.X1 * Image.Width), Round(box.Y1 * Image.Height));

            static int Round(double pixels) => (int)Math.Round(pixels);
        }
    }

    private Task Set(ChangeEventArgs e, Func<int, Edges> change)
    {
        var edges = int.TryParse(e.Value as string, NumberStyles.Integer, CultureInfo.InvariantCulture, out var pixels) ? change(pixels) : default;
        var box = new NormalizedBox((double)edges.Left / Image.Width, (double)edges.Top / Image.Height, (double)edges.Right / Image.Width, (double)edges.Bottom / Image.Height);
        _fault = box.IsProper ? null : "Left must lie before right, top before bottom, all of them on the image.";
        if (box.IsProper)
        {
            Model.SetCrop(Image, box);
        }

        return OnChanged.InvokeAsync();
    }

    private Task ClearAsync()
    {
        _fault = null;
        Model.SetCrop(Image, null);
        return OnChanged.InvokeAsync();
    }

    private readonly record struct Edges(int Left, int Top, int Right, int Bottom);
}
