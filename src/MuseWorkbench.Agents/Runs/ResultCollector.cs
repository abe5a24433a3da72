using System.Runtime.InteropServices;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Runs;

/// <summary>Sums up what a run's agents generated. Thread-safe.</summary>
internal sealed class ResultCollector
{
    private const int MaxReasons = 3;
    private readonly Lock _lock = new();

    private readonly Dictionary<string, int> _failures = [];
    private int _results;

    /// <summary>Tokens generated.</summary>
    public int TotalTokens { get; private set; }
    public int LongestPath { get; private set; }

    public void Add(AgentResult result)
    {
        lock (_lock)
        {
            _results++;
            if (result.Outcome == AgentOutcome.Failed)
                CollectionsMarshal.GetValueRefOrAddDefault(_failures, result.Error ?? "", out _)++;
            TotalTokens += result.Usage.GeneratedTokens;
            LongestPath = Math.Max(LongestPath, result.PathTokens);
        }
    }

    /// <summary>Why the run came to nothing, where every agent failed: the reason they share, else each with how many it hit. Null otherwise.</summary>
    public string? CommonFailure
    {
        get
        {
            lock (_lock)
            {
                if (_results == 0 || _failures.Values.Sum() < _results)
                    return null;
                return _failures.Count == 1
                    ? _failures.Keys.First()
                    : string.Join(" ", _failures.OrderByDescending(f => f.Value).Take(MaxReasons).Select(f => $"{f.Value} of {_results} agents: {f.Key}"));
            }
        }
    }
}

/// <summary>Seeds of one run: an agent's is its own or the run's random base, plus its index, so that equal agents differ.</summary>
internal sealed class SeedSource
{
    private readonly uint _base = (uint)Random.Shared.Next();

    public uint For(uint? own, int index)
    {
        var seed = unchecked((own ?? _base) + (uint)index);
        // llama.cpp reads the largest value as "draw one", which could not be repeated.
        return seed == uint.MaxValue ? 0 : seed;
    }
}
