using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Strategies;

/// <summary>One agent at work.</summary>
public sealed class TeamAgent
{
    private readonly CancellationTokenSource _stop;
    private Task<AgentResult>? _completion;

    internal TeamAgent(int index, CancellationToken runStopped)
    {
        Index = index;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(runStopped);
    }

    /// <summary>Its number in the run, from 0.</summary>
    public int Index { get; }

    /// <summary>Ends when the agent does, however it does; never faults.</summary>
    public Task<AgentResult> Completion => _completion!;

    /// <summary>Stops it; what it said stays. False where it was over already.</summary>
    public bool Stop()
    {
        if (Completion.IsCompleted)
            return false;
        try
        {
            _ = _stop.CancelAsync();
            return true;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    // On the pool from the first line: an agent whose client answers at once must not hold up those after it.
    internal void Begin(Func<CancellationToken, Task<AgentResult>> run)
    {
        _completion = Task.Run(() => run(_stop.Token));
        _completion.ContinueWith(
            _ => _stop.Dispose(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}

/// <summary>How an agent ended and what it said.</summary>
/// <param name="NormalisedAnswer">As counted in votes; empty where it does not vote.</param>
/// <param name="Regions">Places named in the answer, reading order.</param>
/// <param name="PathTokens">Generated tokens on the longest chain of calls ending here, its own included.</param>
public sealed record AgentResult(
    int Index, AgentOutcome Outcome, string Answer, string NormalisedAnswer,
    ImmutableArray<Region> Regions, TokenUsage Usage, int PathTokens)
{
    /// <summary>Whether it counts in a vote.</summary>
    public bool Votes => NormalisedAnswer.Length > 0;

    /// <summary>Why it failed, in words for the reader; null unless it did.</summary>
    public string? Error { get; init; }
}
