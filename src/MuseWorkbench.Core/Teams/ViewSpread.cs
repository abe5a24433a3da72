using System.Collections.Immutable;

namespace MuseWorkbench.Core;

/// <summary>
/// Views for a team whose agents are each to look another way: votes of one model are correlated, and what differs in
/// perception differs more than what differs in sampling alone. Sizes come first, since they move things over a model's
/// patches and differ most (docs/strategies.md); never more than three of eight are mirrored, since those mistake left for right.
/// </summary>
public static class ViewSpread
{
    private static readonly ImmutableArray<ViewSpec?> s_order =
    [
        null,
        new() { Scale = 1.5 },
        new() { Scale = 2 },
        new() { Scale = 1.25 },
        new() { Scale = 1.75 },
        new() { Flip = true, Scale = 1.5 },
        new() { Flip = true, Scale = 2 },
        new() { Flip = true, Scale = 1.25 },
        new() { Scale = 2.5 },
        new() { Scale = 1.5, Tone = ViewTone.Contrast },
        new() { Scale = 2, Tone = ViewTone.Brighter },
        new() { Flip = true, Scale = 1.75 },
        new() { Scale = 1.25, Tone = ViewTone.Darker },
        new() { Scale = 1.5, Tone = ViewTone.Grey },
        new() { Tone = ViewTone.Contrast },
        new() { Flip = true },
    ];

    /// <summary>
    /// One view for each agent, no two alike among the first sixteen, who come again in turn; null is the image as it is. All show the whole image, since an agent
    /// that sees a part can't answer for the rest.
    /// </summary>
    /// <param name="agents">1 to <see cref="TeamSpec.MaxAgents"/>.</param>
    public static ImmutableArray<ViewSpec?> Of(int agents)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(agents, TeamSpec.MinAgents);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(agents, TeamSpec.MaxAgents);
        return [.. Enumerable.Range(0, agents).Select(agent => s_order[agent % s_order.Length])];
    }
}
