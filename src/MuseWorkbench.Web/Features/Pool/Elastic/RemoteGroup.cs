using System.Collections.Immutable;
using System.Globalization;
using MuseWorkbench.Agents.Pool;
using MuseWorkbench.Agents.Pool.Scaling;

namespace MuseWorkbench.Web.Features.Pool.Elastic;

/// <summary>
/// A server elsewhere whose nodes somebody else runs (a Deployment, a Ray Serve application): the same decisions, over nodes as they are thought to be, each
/// filled before the next; what comes out of it is a number that the hook is told.
/// </summary>
internal sealed class RemoteGroup(MemberOptions options, NodesOptions nodes, ScaleHook hook, TimeProvider time) : IElasticGroup
{
    private readonly DateTimeOffset[] _lastUsed = new DateTimeOffset[nodes.Limits.Max];
    private DateTimeOffset _raised = DateTimeOffset.MinValue;
    private int? _desired;
    private bool _lapsed;
    private string? _blocked;

    public string Name => options.Name;

    public NodeLimits Limits { get; } = nodes.Limits;

    public string Place => options.Url;

    public bool IsLocal => false;

    public string? Device => null;

    public bool Has(string member) => member == options.Name;

    public GroupObservation Observe(ImmutableArray<MemberView> members, IReadOnlyList<WaitingAgent> waiting, double answerTokens)
    {
        var now = time.GetUtcNow();
        var view = members.First(member => member.Name == options.Name);
        var isReady = view.Status.Phase == MemberPhase.Ready;
        // What runs there when the workbench starts is not known before it was asked: the least that should, and one where it answers; else none.
        if (!(_desired is null && view.Status is { Phase: MemberPhase.Asleep, Reason: null }))
            _desired ??= isReady ? Math.Max(1, Limits.Min) : 0;
        var agents = view.Agents;
        var desired = _desired ?? 0;
        var isComing = now - _raised < TimeSpan.FromSeconds(nodes.StartSeconds);
        // What was asked for and isn't there is no longer on its way: it may be asked for once more.
        _lapsed = !isReady && desired > 0 && !isComing;
        // One just asked for takes its time: until then the queue says nothing of whether yet another is needed.
        var serving = !isReady ? 0 : isComing && desired > 1 ? desired - 1 : desired;
        var places = nodes.Rows * Math.Max(1, serving);
        for (var i = 0; i < _lastUsed.Length; i++)
        {
            if (i >= serving || agents > i * nodes.Rows)
                _lastUsed[i] = now;
        }

        return new GroupObservation(Name, Limits, [.. Enumerable.Range(0, Limits.Max).Select(i => new NodeObservation(
            (i + 1).ToString(CultureInfo.InvariantCulture),
            i < serving ? NodeState.Ready : i < desired && isComing ? NodeState.Starting : CanBeAsked(i, desired) ? NodeState.Asleep : NodeState.Failed,
            Math.Clamp(agents - (i * nodes.Rows), 0, nodes.Rows), _lastUsed[i]) { IsHeld = view.Draining })])
        {
            Waiting = waiting.Count, WaitingSince = waiting is [var first, ..] ? first.Since : null,
            QueueTime = isReady ? QueueTime.Of(view, answerTokens, places) : TimeSpan.Zero,
        };
    }

    public Task<NodeFit?> FitAsync(CancellationToken cancellationToken) => Task.FromResult<NodeFit?>(null);

    public Task<string?> StartAsync(string node, string reason, CancellationToken cancellationToken) => AskAsync(_lapsed ? 0 : +1, reason, cancellationToken);

    public Task<string?> StopAsync(string node, string reason, CancellationToken cancellationToken) => AskAsync(-1, reason, cancellationToken);

    public void Block(string? reason) => _blocked = reason;

    /// <summary>Whether that node may be asked for: one more than were, or again the first of those that did not come.</summary>
    private bool CanBeAsked(int index, int desired) => _blocked is null && _desired is not null && (_lapsed ? index == 0 : index >= desired);

    private async Task<string?> AskAsync(int more, string reason, CancellationToken cancellationToken)
    {
        var current = _desired ?? Limits.Min;
        var fault = await hook.CallAsync(new ScaleRequest(Name, current + more, current, reason), cancellationToken);
        if (fault is null)
            (_desired, _raised) = (current + more, more >= 0 ? time.GetUtcNow() : DateTimeOffset.MinValue);
        return fault;
    }
}
