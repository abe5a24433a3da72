using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using MuseWorkbench.Agents.Pool;
using MuseWorkbench.Web.Features.Pool.Elastic;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Pool;

/// <summary>The servers agents are placed on, how each fares, and who sits where.</summary>
public sealed partial class PoolPage : IDisposable
{
    /// <summary>As fast as a reader follows; members change many times a second.</summary>
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(500);

    private ImmutableArray<MemberView> _members = [];
    private ImmutableArray<GroupView> _groups = [];
    private Modal _adding = null!;
    private ITimer? _timer;
    private string? _fault;
    private int _changed;

    [Inject] public required AgentPool Pool { get; init; }
    [Inject] internal PoolMembers Members { get; init; } = null!;
    [Inject] internal PoolScaler Scaler { get; init; } = null!;
    [Inject] public required TimeProvider Time { get; init; }

    /// <summary>A node that sleeps is told of by its group alone.</summary>
    private IEnumerable<MemberView> Shown => _members.Where(member => member.Status.Phase != MemberPhase.Asleep || Scaler.GroupOf(member.Name) is not { IsLocal: true });

    private int Working => _members.Sum(member => member.Occupants.Length);

    private string Summary
    {
        get
        {
            var ready = _members.Count(member => member is { Status.Phase: MemberPhase.Ready, Draining: false, Breaker: not BreakerState.Open });
            var shown = Shown.Count();
            return $"{(shown == 1 ? "1 member" : $"{Fmt.Count(shown)} members")}, {Fmt.Count(ready)} ready · placed by {Pool.Policy}";
        }
    }

    public void Dispose()
    {
        Pool.Changed -= OnChanged;
        Scaler.Changed -= OnChanged;
        _timer?.Dispose();
    }

    protected override void OnInitialized()
    {
        (_members, _groups) = (Pool.Members, Scaler.Groups);
        Pool.Changed += OnChanged;
        Scaler.Changed += OnChanged;
        _timer = Time.CreateTimer(_ => _ = InvokeAsync(Tick), null, s_tick, s_tick);
    }

    private void OnChanged() => Volatile.Write(ref _changed, 1);

    private void Tick()
    {
        // Times since something happened go on by themselves, while there are any.
        if (Interlocked.Exchange(ref _changed, 0) == 1 || Working > 0 || _members.Any(member => member.Breaker == BreakerState.Open))
        {
            Show();
        }
    }

    private void Show()
    {
        (_members, _groups) = (Pool.Members, Scaler.Groups);
        StateHasChanged();
    }

    private void Drain(MemberView member)
    {
        Pool.Drain(member.Name, !member.Draining);
        Show();
    }

    private async Task RestartAsync(MemberView member)
    {
        if (Pool.Get(member.Name) is { } found)
        {
            await found.RestartAsync();
        }

        Show();
    }

    private async Task RemoveAsync(MemberView member)
    {
        try
        {
            await Members.RemoveAsync(member.Name, CancellationToken.None);
        }
        catch (IOException e)
        {
            _fault = $"{member.Name} could not be taken out for good: {e.Message}";
        }

        Show();
    }

    private async Task AddedAsync()
    {
        await _adding.CloseAsync();
        Show();
    }
}
