using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Cases.Edit;

/// <summary>
/// Places on an image, drawn, moved and resized by pointer or keys. The pointer's way stays in the browser; the circuit
/// hears where it ended.
/// </summary>
public sealed partial class BoxEditor : IAsyncDisposable
{
    private ElementReference _root;
    private DotNetObjectReference<BoxEditor>? _self;
    private IJSObjectReference? _module, _pointer;
    private bool _disposed, _labelling;

    [Inject] public required IJSRuntime Js { get; init; }
    [Parameter, EditorRequired] public required ImageRef Image { get; set; }

    /// <summary>Which of the case's images this is.</summary>
    [Parameter] public int ImageIndex { get; set; }

    /// <summary>The places of all images.</summary>
    [Parameter, EditorRequired] public required List<RegionForm> Regions { get; set; }

    /// <summary>The place that is selected, by its index among all; null for none.</summary>
    [Parameter] public int? Selected { get; set; }

    [Parameter] public bool IsReadOnly { get; set; }
    [Parameter] public EventCallback<int?> OnSelect { get; set; }
    [Parameter] public EventCallback OnChanged { get; set; }

    // Large ones first: a small box inside a large one stays within reach of the pointer.
    private IEnumerable<(RegionForm Region, int Index)> Shown => Regions.Select((region, index) => (region, index))
        .Where(entry => entry.region.ImageIndex == ImageIndex).OrderByDescending(entry => (entry.region.X1 - entry.region.X0) * (entry.region.Y1 - entry.region.Y0));

    /// <summary>A box was drawn, in shares of the image.</summary>
    [JSInvokable]
    public async Task Drawn(double x0, double y0, double x1, double y1)
    {
        if (IsReadOnly || Regions.Count >= CaseLimits.Regions)
            return;
        var region = new RegionForm(new Region("", 0, 0, 0, 0, ImageIndex));
        region.Place(x0, y0, x1, y1);
        Regions.Add(region);
        _labelling = true;
        await OnSelect.InvokeAsync(Regions.Count - 1);
        await OnChanged.InvokeAsync();
    }

    /// <summary>A place was moved or resized to these edges.</summary>
    [JSInvokable]
    public Task Placed(int index, double x0, double y0, double x1, double y1) => ChangeAsync(index, region => region.Place(x0, y0, x1, y1));

    /// <summary>A key moved a place, or its right and bottom edges.</summary>
    [JSInvokable]
    public Task Nudged(int index, double dx, double dy, bool resizes) => ChangeAsync(index, region =>
    {
        if (resizes)
            region.Resize(dx, dy);
        else
            region.Move(dx, dy);
    });

    [JSInvokable]
    public async Task Removed(int index)
    {
        if (IsReadOnly || index < 0 || index >= Regions.Count)
            return;
        Regions.RemoveAt(index);
        await OnSelect.InvokeAsync(null);
        await OnChanged.InvokeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        try
        {
            if (_pointer is not null)
            {
                await _pointer.InvokeVoidAsync("dispose");
                await _pointer.DisposeAsync();
            }
            if (_module is not null)
                await _module.DisposeAsync();
        }
        catch (JSDisconnectedException)
        {
            // The page is gone, and its listeners with it.
        }
        _self?.Dispose();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _module = await Js.InvokeAsync<IJSObjectReference>("import", "./Features/Cases/Edit/BoxEditor.razor.js");
            if (_disposed)
                return;
            _self = DotNetObjectReference.Create(this);
            _pointer = await _module.InvokeAsync<IJSObjectReference>("attach", _root, _self);
        }
        if (_labelling && _pointer is not null && Selected is { } index)
        {
            _labelling = false;
            await _pointer.InvokeVoidAsync("label", index);
        }
    }

    private async Task ChangeAsync(int index, Action<RegionForm> change)
    {
        if (IsReadOnly || index < 0 || index >= Regions.Count)
            return;
        change(Regions[index]);
        await OnChanged.InvokeAsync();
    }

    private string Describe(RegionForm region, int index) => string.Create(
        CultureInfo.InvariantCulture,
        $"Place {index + 1}{(region.Label.Length > 0 ? $", {region.Label}" : "")}: {Pixels(region.X0, Image.Width)}, {Pixels(region.Y0, Image.Height)} to {Pixels(region.X1, Image.Width)}, {Pixels(region.Y1, Image.Height)} pixels");

    private static int Pixels(double share, int side) => (int)Math.Round(share * side);

    private static string Points(RegionForm region) => string.Join(' ', region.Polygon!.Value.Chunk(2).Select(corner => $"{Fmt.Css(corner[0] * 1000)},{Fmt.Css(corner[1] * 1000)}"));

    private static string At(double share) => $"{Fmt.Css(share * 100)}%";
}
