using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace MuseWorkbench.Core;

/// <summary>A member of the pool was chosen for the agent; only where there was a choice.</summary>
public sealed record AgentPlaced : AgentEvent
{
    /// <summary>The member's name.</summary>
    public required string Server { get; init; }
    /// <summary>The policy that chose it.</summary>
    public required string Policy { get; init; }
    /// <summary>When the run's agents of this stage were thought to be done as placed, milliseconds from then.</summary>
    public required double EstimatedMs { get; init; }
    /// <summary>When they were thought to be done if all of them went to one member, for each member that could serve them.</summary>
    public required ImmutableArray<PlacementOption> Options { get; init; }
    /// <summary>Whether they were split over members because that ends sooner.</summary>
    public bool Split { get; init; }
}

/// <summary>A member agents could have been placed on.</summary>
/// <param name="Server">Its name.</param>
/// <param name="EstimatedMs">When all of them would be done there, milliseconds from then.</param>
public sealed record PlacementOption(string Server, double EstimatedMs);

/// <summary>
/// The agent's server failed it, and another one takes over, or the same one after it was started again. Where it is not <see cref="Continued"/>, a second
/// <see cref="AgentStarted"/> follows: the agent begins again, and what it had said no longer counts.
/// </summary>
public sealed record AgentRerouted : AgentEvent
{
    public required string From { get; init; }
    public required string To { get; init; }
    /// <summary>What happened, a sentence for the reader.</summary>
    public required string Reason { get; init; }
    /// <summary>Whether it goes on from what it had said, rather than beginning again.</summary>
    public required bool Continued { get; init; }
    /// <summary>Tokens it had generated.</summary>
    public int Tokens { get; init; }
    /// <summary>Whether its own server took it up again.</summary>
    [JsonIgnore]
    public bool IsSameServer => From == To;
}
