using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Cases;

/// <summary>What becomes of a new case whose picture is there already.</summary>
public enum TwinChoice
{
    /// <summary>It is taken beside the other.</summary>
    KeepBoth,
    /// <summary>It is left out.</summary>
    KeepOld,
    /// <summary>It is taken in the other's place, under the other's id.</summary>
    Replace,
}

/// <summary>Applies what was decided of twins.</summary>
public static class TwinChoices
{
    /// <param name="cases">The new cases.</param>
    /// <param name="twins">Twins among them and with those that are there.</param>
    /// <param name="there">Ids of the cases that are there.</param>
    /// <param name="choices">By the new case's id; <see cref="TwinChoice.KeepBoth"/> where none is given.</param>
    /// <returns>The cases to save, each id once.</returns>
    public static ImmutableArray<Case> Apply(
        IReadOnlyList<Case> cases, IReadOnlyList<ImageTwin> twins, IReadOnlySet<string> there, IReadOnlyDictionary<string, TwinChoice> choices)
    {
        ArgumentNullException.ThrowIfNull(cases);
        ArgumentNullException.ThrowIfNull(there);
        ArgumentNullException.ThrowIfNull(choices);
        var others = twins.GroupBy(twin => twin.CaseId, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.First().OtherCaseId, StringComparer.Ordinal);
        var added = cases.Select(@case => @case.Id).ToHashSet(StringComparer.Ordinal);
        HashSet<string> left = new(StringComparer.Ordinal), taken = new(StringComparer.Ordinal);
        Dictionary<string, string> places = new(StringComparer.Ordinal);
        foreach (var id in cases.Select(@case => @case.Id).Where(others.ContainsKey))
        {
            var (choice, other) = (choices.GetValueOrDefault(id), others[id]);
            if (choice == TwinChoice.KeepOld)
                left.Add(id);
            if (choice != TwinChoice.Replace)
                continue;
            if (added.Contains(other))
                left.Add(other);
            // Of several that would take one place the first does; the others stay beside it.
            if (there.Contains(other) && taken.Add(other))
                places[id] = other;
        }
        return [.. cases.Where(@case => !left.Contains(@case.Id)).Select(@case => places.TryGetValue(@case.Id, out var place) ? @case with { Id = place } : @case)];
    }
}
