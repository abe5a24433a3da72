using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Strategies;

/// <summary>How stages after the first are asked.</summary>
internal static class LaterStages
{
    /// <summary>
    /// A task over the run's question and other agents' work. Image and question come first and are shared with the
    /// stages before, the work after them with the agents of this stage, and what the agent is to do last.
    /// </summary>
    public static AgentTask Follow(
        this AgentTeam team, string context, string instruction, int stage, AgentRole role, IEnumerable<AgentResult> after) =>
        new(Join(team.Request.Prompt, context)) { Closing = instruction, Stage = stage, Role = role, After = [.. after] };

    /// <summary>The answers that count, in an order that repeats with the run's seeds.</summary>
    public static ImmutableArray<AgentResult> Shuffled(this IEnumerable<AgentResult> results, AgentTeam team, int use)
    {
        var shown = results.Where(r => r.Votes).ToArray();
        team.Randomness(use).Shuffle(shown);
        return [.. shown];
    }

    private static string Join(string prompt, string context) => prompt.Length == 0 ? context : $"{prompt}\n\n{context}";
}
