using System.Collections.Immutable;
using System.Globalization;

namespace MuseWorkbench.Agents.Strategies;

/// <summary>The mean place of each answer over the rankings that could be read.</summary>
internal sealed class CouncilRanking(int answers, ImmutableArray<AgentResult> rankers)
{
    private readonly int[] _places = new int[answers];

    public ImmutableArray<AgentResult> Rankers { get; } = rankers;

    /// <summary>Rankings that named every answer once.</summary>
    public int Readable { get; private set; }

    /// <summary>Answers by mean place, best first; equal ones in the order they were given.</summary>
    public ImmutableArray<int> Order => [.. Enumerable.Range(0, answers).OrderBy(i => _places[i])];

    /// <summary>Counts one ranking: answers from best to worst.</summary>
    public void Add(ImmutableArray<int> order)
    {
        Readable++;
        for (var place = 0; place < order.Length; place++)
            _places[order[place]] += place + 1;
    }

    /// <summary>The ranking in words, in the order the chair sees the answers.</summary>
    public string Describe() => Readable == 0
        ? "No ranking could be read."
        : string.Create(CultureInfo.InvariantCulture, $"Mean place by {Readable} anonymous rankings (1 is best): ")
            + string.Join(", ", Order.Select((answer, shown) => string.Create(CultureInfo.InvariantCulture, $"answer {shown + 1}: {(double)_places[answer] / Readable:0.0}"))) + ".";
}
