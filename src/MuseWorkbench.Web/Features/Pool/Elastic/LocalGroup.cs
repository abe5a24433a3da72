using System.Collections.Immutable;
using MuseWorkbench.Agents.Pool;
using MuseWorkbench.Agents.Pool.Scaling;

namespace MuseWorkbench.Web.Features.Pool.Elastic;

/// <summary>Engine nodes of this workbench with one model. The first is started first and stopped last: it looks at images, too.</summary>
internal sealed class LocalGroup : IElasticGroup
{
    /// <summary>Longest a node may take to load.</summary>
    private static readonly TimeSpan s_startLimit = TimeSpan.FromMinutes(10);

    private readonly ImmutableArray<LocalMember> _nodes;
    private readonly INodeFitting _fitting;
    private readonly AgentPool _pool;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, DateTimeOffset> _readySince = [];
    private NodeFit? _fit;
    private volatile bool _wanted;

    public LocalGroup(string name, NodeLimits limits, ImmutableArray<LocalMember> nodes, INodeFitting fitting, AgentPool pool, TimeProvider time)
    {
        (Name, Limits, _nodes, _fitting, _pool, _time) = (name, limits, nodes, fitting, pool, time);
        foreach (var node in nodes)
            node.Wanted += () => _wanted = true;
    }

    public string Name { get; }

    public NodeLimits Limits { get; }

    public string Place => _nodes[0].Status.Models is [var model, ..] ? model.Id : _nodes[0].Place;

    public bool IsLocal => true;

    public string Device => _fit?.Device ?? "this machine";

    public bool Has(string member) => _nodes.Any(node => node.Name == member);

    public GroupObservation Observe(ImmutableArray<MemberView> members, IReadOnlyList<WaitingAgent> waiting, double answerTokens)
    {
        var now = _time.GetUtcNow();
        var views = _nodes.Select(node => members.First(member => member.Name == node.Name)).ToArray();
        var serving = views.Where(view => view.Status.Phase == MemberPhase.Ready && !IsHeld(view)).ToArray();
        // Images are looked at by the first node, whichever runs.
        var wanted = _wanted && _nodes[0].Status.Phase == MemberPhase.Asleep;
        _wanted = wanted;
        var nodes = views.Select((view, i) => Observe(view, _nodes[i], now)).ToArray();
        // Whoever runs beside the first keeps it from being thought idle.
        if (nodes.Skip(1).Any(node => node.State is NodeState.Starting or NodeState.Ready))
            nodes[0] = nodes[0] with { LastUsed = now };
        return new GroupObservation(Name, Limits, [.. nodes])
        {
            Waiting = waiting.Count + (wanted ? 1 : 0), WaitingSince = waiting is [var first, ..] ? first.Since : wanted ? now : null, NodeBytes = _fit?.Needs,
            QueueTime = serving.Length == 0 ? TimeSpan.Zero : serving.Min(view => QueueTime.Of(view, answerTokens)),
        };
    }

    public async Task<NodeFit?> FitAsync(CancellationToken cancellationToken) => _fit = await _fitting.AskAsync(cancellationToken) ?? _fit;

    public async Task<string?> StartAsync(string node, string reason, CancellationToken cancellationToken)
    {
        var member = Find(node);
        await member.RestartAsync();
        using var limit = new CancellationTokenSource(s_startLimit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        string? fault;
        try
        {
            await member.UntilAsync(() => member.IsReady || member.Fault is not null, either.Token);
            fault = member.IsReady ? null : member.Fault;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            fault = $"It was not ready within {s_startLimit.TotalMinutes:0} min.";
        }

        if (fault is null)
            return null;
        member.Sleep(fault);
        await member.UntilAsync(() => member.IsAsleep, cancellationToken);
        return fault;
    }

    public async Task<string?> StopAsync(string node, string reason, CancellationToken cancellationToken)
    {
        var member = Find(node);
        _pool.Drain(node, true);
        try
        {
            if (_pool.Members.First(view => view.Name == node).Occupants.Length > 0)
                return "An agent came to it meanwhile.";
            member.Sleep(reason);
            await member.UntilAsync(() => member.IsAsleep, cancellationToken);
            return null;
        }
        finally
        {
            _pool.Drain(node, false);
        }
    }

    public void Block(string? reason)
    {
        foreach (var node in _nodes)
            node.Block(reason);
    }

    private NodeObservation Observe(MemberView view, LocalMember node, DateTimeOffset now)
    {
        var state = view.Status.Phase switch
        {
            MemberPhase.Ready => NodeState.Ready,
            MemberPhase.Starting => NodeState.Starting,
            MemberPhase.Asleep => NodeState.Asleep,
            _ => NodeState.Failed,
        };
        if (state != NodeState.Ready)
            _readySince.Remove(view.Name);
        else
            _readySince.TryAdd(view.Name, now);
        var agents = view.Agents;
        DateTimeOffset?[] uses = [view.LastUsed, node.LastAsked, _readySince.TryGetValue(view.Name, out var ready) ? ready : null, agents > 0 ? now : null];
        return new NodeObservation(view.Name, state, agents, uses.Max() ?? now) { IsHeld = IsHeld(view) };
    }

    private LocalMember Find(string node) => _nodes.First(member => member.Name == node);

    private static bool IsHeld(MemberView view) => view.Draining || view.Breaker == BreakerState.Open;
}
