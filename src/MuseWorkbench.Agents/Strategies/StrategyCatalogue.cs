using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Strategies;

/// <summary>The strategies there are, by name. Thread-safe.</summary>
public sealed class StrategyCatalogue
{
    private readonly Dictionary<string, IStrategy> _byName;

    public StrategyCatalogue(IEnumerable<IStrategy> strategies)
    {
        All = [.. strategies];
        _byName = All.ToDictionary(s => s.Name, StringComparer.Ordinal);
    }

    /// <summary>In the order they are offered.</summary>
    public ImmutableArray<IStrategy> All { get; }

    public IStrategy? Find(string? name) => name is not null && _byName.TryGetValue(name, out var strategy) ? strategy : null;

    /// <summary>What is wrong with a team for its strategy, in words; null where nothing is.</summary>
    public string? Fault(TeamSpec team)
    {
        ArgumentNullException.ThrowIfNull(team);
        return Find(team.Strategy) is { } strategy
            ? strategy.Info.Fault(team)
            : $"There is no strategy named \"{team.Strategy}\". Known: {string.Join(", ", _byName.Keys)}.";
    }
}
