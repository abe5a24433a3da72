using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;

namespace MuseWorkbench.Web.Layout;

/// <summary>The pages that exist: a rail at the side, a bar at the bottom of a narrow screen.</summary>
public sealed partial class Rail : IDisposable
{
    [Inject] public required NavigationManager Navigation { get; init; }

    /// <summary>A run's own address belongs to the workbench.</summary>
    private bool IsRun => Navigation.ToBaseRelativePath(Navigation.Uri).StartsWith("runs/", StringComparison.OrdinalIgnoreCase);

    public void Dispose() => Navigation.LocationChanged -= OnLocationChanged;

    protected override void OnInitialized() => Navigation.LocationChanged += OnLocationChanged;

    private void OnLocationChanged(object? sender, LocationChangedEventArgs e) => StateHasChanged();
}
