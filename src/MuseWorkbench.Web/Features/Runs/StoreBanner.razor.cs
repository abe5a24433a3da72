using Microsoft.AspNetCore.Components;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Runs;

/// <summary>Says so where runs are not kept, or where something became of those that were.</summary>
public sealed partial class StoreBanner : IDisposable
{
    [Inject] public required IRunStore Store { get; init; }

    private RunStoreStatus Status => Store.Status;

    public void Dispose() => Store.StatusChanged -= OnStatusChanged;

    protected override void OnInitialized() => Store.StatusChanged += OnStatusChanged;

    private void OnStatusChanged() => _ = InvokeAsync(StateHasChanged);
}
