using System.Collections.Immutable;
using System.Text.Json;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Scoring;

namespace MuseWorkbench.Curation.Experiments;

/// <summary>What came of a cell, from its run's events.</summary>
public static class CellScoring
{
    private const int MaxReason = 1000;

    /// <summary>Scores a run by a case's assertions. What goes wrong is the result's error; only cancellation throws.</summary>
    public static async Task<CellResult> ScoreAsync(
        IReadOnlyList<RunEvent> events, Case @case, ImmutableArray<JsonElement> defaults, ScoringServices services, DateTimeOffset at, CancellationToken cancellationToken)
    {
        ScoredRun run;
        try
        {
            run = ScoredRun.From(events);
        }
        catch (ArgumentException)
        {
            return Failed("The run's record can't be read.", at);
        }
        var measured = new CellResult
        {
            Answer = run.Final is { Outcome: not FinalOutcome.NoAnswer } final ? Shorten(final.Answer, ExperimentLimits.TextLength) : null,
            Tokens = run.End?.TotalTokens ?? 0, WallClockMs = run.End?.WallClockMs ?? 0, CriticalPathTokens = run.End?.CriticalPathTokens ?? 0, FinishedAt = at,
        };
        if (run.Problem is { } problem)
            return measured with { Error = Shorten(problem, MaxReason) };
        try
        {
            return Judged(measured, await CaseScore.OfAsync(run, CaseAssertions.Of(@case, defaults), services, cancellationToken: cancellationToken));
        }
        catch (AssertionFormatException e)
        {
            return measured with { Error = Shorten(e.Message, MaxReason) };
        }
    }

    /// <summary>An attempt that came to no run, or to none that can be read.</summary>
    public static CellResult Failed(string reason, DateTimeOffset at) => new() { Error = Shorten(reason, MaxReason), FinishedAt = at };

    /// <summary>At most so many UTF-16 units, no pair of them cut apart.</summary>
    internal static string Shorten(string text, int most) =>
        text.Length <= most ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[most - 2]) ? most - 2 : most - 1), "…");

    private static CellResult Judged(CellResult measured, CaseScore score) => measured with
    {
        Score = score.Score,
        Passed = score.Outcome == ScoreOutcome.Passed,
        Assertions = [.. score.Results.Select(Of)],
        Error = score.Outcome == ScoreOutcome.Error
            ? Shorten(score.Results.First(result => result is { Outcome: ScoreOutcome.Error, Assertion.Weight: > 0 }).Reason, MaxReason)
            : null,
    };

    private static AssertionScore Of(AssertionResult result) => new(
        (result.Assertion.Not ? "not-" : "") + result.Assertion.Type, result.Assertion.Metric, result.Score,
        result.Outcome == ScoreOutcome.Passed, result.Assertion.Weight, Shorten(result.Reason, MaxReason), result.IsUnreadable);
}
