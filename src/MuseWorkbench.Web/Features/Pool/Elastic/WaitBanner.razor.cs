using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using MuseWorkbench.Web.Features.Engine;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Pool.Elastic;

/// <summary>Says what agents wait for that no running node can take; where the workbench's own engine starts, its banner says it.</summary>
public sealed partial class WaitBanner : IDisposable
{
    private ImmutableArray<GroupView> _waiting = [];

    [Inject] internal PoolScaler Scaler { get; init; } = null!;
    [Inject] public required INodeMonitor Local { get; init; }

    public void Dispose() => Scaler.Changed -= OnChanged;

    protected override void OnInitialized()
    {
        Look();
        Scaler.Changed += OnChanged;
    }

    private void OnChanged() => _ = InvokeAsync(() =>
    {
        Look();
        StateHasChanged();
    });

    private void Look() => _waiting = Local.Status.Phase is NodePhase.Ready or NodePhase.Asleep ? [.. Scaler.Groups.Where(group => group.Waiting > 0)] : [];
}
