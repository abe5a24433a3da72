using System.Collections.Immutable;
using MuseWorkbench.Agents.Pool;
using MuseWorkbench.Agents.Pool.Scaling;

namespace MuseWorkbench.Web.Features.Pool.Elastic;

/// <summary>Nodes of one model that come and go. Observed and changed by <see cref="PoolScaler"/> alone.</summary>
internal interface IElasticGroup
{
    string Name { get; }

    NodeLimits Limits { get; }

    /// <summary>Where its nodes are, for the reader.</summary>
    string Place { get; }

    /// <summary>Whether its nodes are processes of this workbench.</summary>
    bool IsLocal { get; }

    /// <summary>Whose memory its nodes share; null for memory the workbench knows nothing of.</summary>
    string? Device { get; }

    /// <summary>Whether a member of that name is one of its nodes.</summary>
    bool Has(string member);

    /// <param name="members">The pool's members now.</param>
    /// <param name="waiting">Agents that wait for one of this group's nodes, longest wait first.</param>
    /// <param name="answerTokens">Tokens an agent generates, about.</param>
    GroupObservation Observe(ImmutableArray<MemberView> members, IReadOnlyList<WaitingAgent> waiting, double answerTokens);

    /// <summary>What another node would take; null where nothing can be said.</summary>
    Task<NodeFit?> FitAsync(CancellationToken cancellationToken);

    /// <summary>Starts a node, and completes when it takes agents. Returns why it doesn't, a sentence; null where it does.</summary>
    Task<string?> StartAsync(string node, string reason, CancellationToken cancellationToken);

    /// <summary>Stops a node that has no agent. Returns why it goes on, a sentence; null where it was stopped.</summary>
    Task<string?> StopAsync(string node, string reason, CancellationToken cancellationToken);

    /// <summary>Says why none is started for now, so that agents need not wait for it; null where one may be.</summary>
    void Block(string? reason);
}
