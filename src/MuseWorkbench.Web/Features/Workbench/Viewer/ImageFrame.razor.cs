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
    /// <summary>Whose reading order is shown in <see cref="BoxMode.Order"/>; its index in the run.</summary>
    [Parameter] public int OrderOf { get; set; }

    protected override object Stamp => (Image.Sha256, ImageIndex, Run?.RunId, Run?.OverlayVersion, Mode, OrderOf);

    // Large ones first: a small box inside a large one stays within reach of the pointer.
    private IEnumerable<RegionCluster> Clusters =>
        (Run?.Clusters.All ?? []).Where(cluster => cluster.Box.ImageIndex == ImageIndex).OrderByDescending(cluster => Area(cluster.Box));

    private IEnumerable<RegionMark> Marks =>
        (Run?.Marks ?? []).Where(mark => mark.Region.ImageIndex == ImageIndex).OrderByDescending(mark => Area(mark.Region));

    private IReadOnlyList<RegionMark> Steps { get; set; } = [];

    private AgreementMap Heat { get; set; } = new([], 0);

    private IEnumerable<SceneItem> Pins =>
        (Run?.Scene?.Items ?? []).Where(item => item.Mark is { } mark && mark.Region.ImageIndex == ImageIndex);

    private bool ShowsPins => Mode is BoxMode.Merged or BoxMode.All or BoxMode.Off;

    private string Way => "M" + string.Join('L', Steps.Select(mark => $"{At(MiddleX(mark))} {At(MiddleY(mark))}"));

    private int TeamSize => Run?.Agents.Length ?? 0;

    private double Aspect => Image.Height > 0 ? (double)Image.Width / Image.Height : 1;

    protected override bool ShouldRender()
    {
        var should = base.ShouldRender();
        if (should)
        {
            Prepare();
        }

        return should;
    }

    protected override void OnInitialized() => Prepare();

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

    // What takes more than a look is worked out once a render, and only in the mode that shows it.
    private void Prepare()
    {
        Steps = Mode == BoxMode.Order ? ReadingOrder.Of((Run?.Marks ?? []).Where(mark => mark.Agent == OrderOf && mark.Region.ImageIndex == ImageIndex)) : [];
        Heat = Mode == BoxMode.Heat && Run is not null && ImageIndex is { } index ? AgreementMap.Of(Run.Marks, index, Aspect) : new([], 0);
    }

    // Two agents apart already differ in colour; the scale ends at the team's size, so that images can be compared.
    private double HeatShare(int count) => TeamSize > 1 ? (count - 1.0) / (TeamSize - 1) : 1;

    private string HeatTip(int count) => string.Create(CultureInfo.InvariantCulture, $"{count} of {TeamSize} agents look here");

    private static double MiddleX(RegionMark mark) => (mark.Region.X0 + mark.Region.X1) / 2;

    private static double MiddleY(RegionMark mark) => (mark.Region.Y0 + mark.Region.Y1) / 2;

    private static string Percent(double share) => Fmt.Css(share * 100) + "%";

    private static double Area(Region box) => (box.X1 - box.X0) * (box.Y1 - box.Y0);

    private static string At(double share) => Fmt.Css(Math.Max(0, share) * 1000);

    private static string BoxOf(Region box) =>
        string.Create(CultureInfo.InvariantCulture, $"{box.X0:0.####} {box.Y0:0.####} {box.X1:0.####} {box.Y1:0.####}");

    private string NameOf(int agent) => Run!.Agents[agent].Name;

    private string Who(RegionCluster cluster) => cluster.Members is [var only]
        ? string.Create(CultureInfo.InvariantCulture, $"1 of {TeamSize} agents named it: {NameOf(only.Agent)}")
        : string.Create(CultureInfo.InvariantCulture, $"{cluster.Members.Count} of {TeamSize} agents named it");
}
