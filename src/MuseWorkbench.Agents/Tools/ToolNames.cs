using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tools;

/// <summary>The tools there are, by name, in the order they are offered.</summary>
public static class ToolNames
{
    public const string Calculator = "calculator", Crop = "crop", Measure = "measure", Nutrition = "nutrition", CountRegions = "count_regions", TableLookup = "table_lookup";

    public static ImmutableArray<string> All { get; } = [Calculator, Crop, Measure, Nutrition, CountRegions, TableLookup];

    /// <summary>What an agent may call that says nothing of tools.</summary>
    public static ImmutableArray<string> Usual { get; } = [Calculator];

    /// <summary>The tools an agent may call.</summary>
    public static ImmutableArray<string> AllowedTo(AgentSpec agent)
    {
        ArgumentNullException.ThrowIfNull(agent);
        return agent.Tools is { IsDefault: false } tools ? tools : agent.Answer is null ? Usual : [];
    }
}
