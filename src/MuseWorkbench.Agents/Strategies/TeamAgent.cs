using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Strategies;

/// <summary>One agent at work.</summary>
public sealed class TeamAgent
{
    private readonly CancellationTokenSource _stop;
    private readonly CancellationTokenSource _answerNow;
    private Task<AgentResult>? _completion;
    private volatile EarlyEnd? _early;

    internal TeamAgent(int index, CancellationToken runStopped)
    {
        Index = index;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(runStopped);
        _answerNow = CancellationTokenSource.CreateLinkedTokenSource(CancellationToken.None);
    }

    /// <summary>Its number in the run, from 0.</summary>
    public int Index { get; }

    /// <summary>Ends when the agent does, however it does; never faults.</summary>
    public Task<AgentResult> Completion => _completion!;

    /// <summary>Tokens it has generated so far.</summary>
    public int Tokens { get; private set; }

    /// <summary>How sure it was of its latest group of tokens; null where it is not asked for or its server doesn't say.</summary>
    public double? GroupConfidence { get; private set; }

    internal EarlyEnd? Early => _early;

    /// <summary>Stops it because the strategy has no more use for it; its record says so. False where it was over already.</summary>
    /// <param name="expectedTokens">How long it is thought it would have become.</param>
    public bool StopEarly(EarlyStopReason reason, int expectedTokens)
    {
        _early ??= new EarlyEnd(reason, expectedTokens);
        return Stop();
    }

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

    /// <summary>Ends its thinking: it answers from what it has. False where it is over, answers already, or its model marks no thinking.</summary>
    public bool AnswerNow()
    {
        if (!Thinks || Completion.IsCompleted || AnswersNow)
            return false;
        try
        {
            _ = _answerNow.CancelAsync();
            return true;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Whether it has been told to answer.</summary>
    public bool AnswersNow => _answerNow.IsCancellationRequested;

    internal CancellationToken ToldToAnswer => _answerNow.Token;

    /// <summary>Whether there is a thinking to end. By the one that reads its stream.</summary>
    internal bool Thinks { get; set; }

    // By the one that reads its stream.
    internal void Note(int tokens, double? groupConfidence)
    {
        Tokens = tokens;
        GroupConfidence = groupConfidence ?? GroupConfidence;
    }

    // On the pool from the first line: an agent whose client answers at once must not hold up those after it.
    internal void Begin(Func<CancellationToken, Task<AgentResult>> run)
    {
        _completion = Task.Run(() => run(_stop.Token));
        _completion.ContinueWith(
            _ =>
            {
                _stop.Dispose();
                _answerNow.Dispose();
            }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}

/// <summary>Why an agent is to end before its time, and how long it would have become.</summary>
internal sealed record EarlyEnd(EarlyStopReason Reason, int ExpectedTokens);

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

    /// <summary>What it thought before its answer, without markup.</summary>
    public string Reasoning { get; init; } = "";

    /// <summary>Index of the team's agent it worked as; null for the lead.</summary>
    public int? Member { get; init; }

    /// <summary>Null where it was not asked for or its server doesn't say.</summary>
    public AgentConfidence? Confidence { get; init; }

    /// <summary>Why the strategy stopped it; null where it didn't.</summary>
    public EarlyStopReason? EarlyStopReason { get; init; }

    /// <summary>Where it was stopped early: the tokens it is thought not to have generated for that.</summary>
    public int EstimatedTokensSaved { get; init; }

    /// <summary>Whether it ended by itself: its length says how long agents become.</summary>
    public bool RanToItsEnd => Outcome is AgentOutcome.Answered or AgentOutcome.LengthLimit;
}
