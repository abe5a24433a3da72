using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.State;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Workbench.Viewer;

/// <summary>
/// An image and the boxes agents drew on it. Boxes are markup; where their labels stand is settled in the browser,
/// which alone knows how wide they are.
/// </summary>
public sealed partial class ImageFrame : LiveComponent, IAsyncDisposable
{
    private ElementReference _root;
    private IJSObjectReference? _module;
    private IJSObjectReference? _labels;
    private bool _disposed;

    [Inject] public required IJSRuntime Js { get; init; }
    [Parameter, EditorRequired] public required ImageRef Image { get; set; }
    /// <summary>Which of the run's images this is; null where the run did not have it, and no boxes are shown.</summary>
    [Parameter] public int? ImageIndex { get; set; }
    [Parameter] public RunViewModel? Run { get; set; }
    [Parameter] public BoxMode Mode { get; set; }

    protected override object Stamp => (Image.Sha256, ImageIndex, Run?.RunId, Run?.OverlayVersion, Mode);

    // Large ones first: a small box inside a large one stays within reach of the pointer.
    private IEnumerable<RegionCluster> Clusters =>
        (Run?.Clusters.All ?? []).Where(cluster => cluster.Box.ImageIndex == ImageIndex).OrderByDescending(cluster => Area(cluster.Box));

    private IEnumerable<RegionMark> Marks =>
        (Run?.Marks ?? []).Where(mark => mark.Region.ImageIndex == ImageIndex).OrderByDescending(mark => Area(mark.Region));

    private int TeamSize => Run?.Agents.Length ?? 0;

    private double Aspect => Image.Height > 0 ? (double)Image.Width / Image.Height : 1;

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        try
        {
            if (_labels is not null)
            {
                await _labels.InvokeVoidAsync("dispose");
                await _labels.DisposeAsync();
            }

            if (_module is not null)
            {
                await _module.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The page is gone, and its observers with it.
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        _module = await Js.InvokeAsync<IJSObjectReference>("import", "./Features/Workbench/Viewer/ImageFrame.razor.js");
        if (!_disposed)
        {
            _labels = await _module.InvokeAsync<IJSObjectReference>("attach", _root);
        }
    }

    private static double Area(Region box) => (box.X1 - box.X0) * (box.Y1 - box.Y0);

    private static string At(double share) => Fmt.Css(Math.Max(0, share) * 1000);

    private static string BoxOf(Region box) =>
        string.Create(CultureInfo.InvariantCulture, $"{box.X0:0.####} {box.Y0:0.####} {box.X1:0.####} {box.Y1:0.####}");

    private string NameOf(int agent) => Run!.Agents[agent].Name;

    private string Who(RegionCluster cluster) => cluster.Members is [var only]
        ? string.Create(CultureInfo.InvariantCulture, $"1 of {TeamSize} agents named it: {NameOf(only.Agent)}")
        : string.Create(CultureInfo.InvariantCulture, $"{cluster.Members.Count} of {TeamSize} agents named it");
}
