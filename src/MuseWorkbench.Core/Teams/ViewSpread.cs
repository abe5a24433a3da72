using System.Collections.Immutable;

namespace MuseWorkbench.Core;

/// <summary>
/// Views for a team whose agents are each to look another way: votes of one model are correlated, and what differs in
/// perception differs more than what differs in sampling alone.
/// </summary>
public static class ViewSpread
{
    private static readonly ImmutableArray<ViewSpec?> s_order =
    [
        null,
        new() { Flip = true },
        new() { Tone = ViewTone.Contrast },
        new() { Tone = ViewTone.Grey },
        new() { Tone = ViewTone.Brighter },
        new() { Flip = true, Tone = ViewTone.Contrast },
        new() { Tone = ViewTone.Darker },
        new() { Flip = true, Tone = ViewTone.Grey },
        new() { Flip = true, Tone = ViewTone.Brighter },
        new() { Flip = true, Tone = ViewTone.Darker },
        new() { Area = ViewArea.Centre, Enlarge = true },
        new() { Area = ViewArea.TopLeft, Enlarge = true },
        new() { Area = ViewArea.BottomRight, Enlarge = true },
        new() { Area = ViewArea.TopRight, Enlarge = true },
        new() { Area = ViewArea.BottomLeft, Enlarge = true },
        new() { Area = ViewArea.Centre, Enlarge = true, Flip = true },
    ];

    /// <summary>
    /// One view for each agent, no two alike among the first sixteen, who come again in turn; null is the image as it is. The first ten show the whole image, since an agent
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
