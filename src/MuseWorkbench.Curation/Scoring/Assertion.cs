using System.Globalization;
using System.Text.RegularExpressions;
using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Scoring;

/// <summary>How an assertion, or a case with all of its assertions, came out.</summary>
public enum ScoreOutcome
{
    Passed,
    Failed,
    /// <summary>It could not be scored: the run or the judge broke. Neither passed nor failed.</summary>
    Error,
}

/// <summary>A scorer applied to a channel of a run.</summary>
public sealed record Assertion
{
    /// <summary>Most an assertion may weigh.</summary>
    public const double MaxWeight = 1000;

    /// <summary>The scorer's registered name, without <c>not-</c>.</summary>
    public required string Type { get; init; }

    public required Scorer Scorer { get; init; }

    /// <summary>Whether it passes where the scorer would not: the score is 1 − the scorer's.</summary>
    public bool Not { get; init; }

    /// <summary>0 to 1000, among the case's assertions. With 0 it is scored and shown, and counts for nothing.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>The score it takes to pass, 0 to 1, before <see cref="Not"/>; null for the scorer's own.</summary>
    public double? Threshold { get; init; }

    /// <summary>A name under which results of several cases are summed up.</summary>
    public string? Metric { get; init; }

    /// <summary>Null for the scorer's first.</summary>
    public ScoreChannel? Channel { get; init; }

    /// <summary>The agent's index in the run, from 0.</summary>
    public int? Agent { get; init; }

    /// <summary>Scores a run. Never throws but for cancellation: what goes wrong is the result's reason.</summary>
    public async ValueTask<AssertionResult> ScoreAsync(ScoredRun run, ScoringServices services, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(services);
        if (run.Problem is { } problem)
            return Error(problem);
        var (target, missing) = Find(run);
        if (target is null)
            return Error(missing!);
        try
        {
            return Judge(await Scorer.ScoreAsync(target, services, cancellationToken));
        }
        catch (RegexMatchTimeoutException)
        {
            return Error("The text took too long to read.");
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // A judge's server, an image that is gone: whatever it is, it says nothing of the answer.
            return Error(e.Message);
        }
    }

    private AssertionResult Judge(Score score)
    {
        if (score.Value is not { } value)
            return Error(score.Reason);
        // What can't be read is no proof of the opposite either.
        if (score.IsUnreadable)
            return new AssertionResult(this, ScoreOutcome.Failed, 0, score.Reason) { IsUnreadable = true };
        var passed = value >= (Threshold ?? Scorer.DefaultThreshold) - 1e-9;
        return new AssertionResult(this, passed != Not ? ScoreOutcome.Passed : ScoreOutcome.Failed, Not ? 1 - value : value, score.Reason);
    }

    private AssertionResult Error(string reason) => new(this, ScoreOutcome.Error, null, reason);

    private (ScoringTarget?, string?) Find(ScoredRun run)
    {
        var channel = Channel ?? Scorer.Channels[0];
        var target = new ScoringTarget(run, channel);
        var agent = Agent is { } index ? run.Agents.FirstOrDefault(a => a.Index == index) : null;
        if (Agent is not null && agent is null)
            return (null, $"The run has no agent {Agent}.");
        if (agent is { Outcome: AgentOutcome.Failed })
            return (null, $"Agent {Agent} failed: {agent.Error ?? "no reason is recorded"}");
        return channel switch
        {
            ScoreChannel.Final => (target with { Text = run.Answer }, null),
            ScoreChannel.Answer => (target with { Text = agent!.Answer }, null),
            ScoreChannel.Reasoning => (target with { Text = agent!.Reasoning }, null),
            ScoreChannel.Regions => (target with { Regions = (agent ?? run.Author)?.Places ?? [] }, null),
            ScoreChannel.Tools => (target with { ToolCalls = agent?.ToolCalls ?? [.. run.Agents.SelectMany(a => a.ToolCalls)] }, null),
            _ => (target, null),
        };
    }
}

/// <summary>How one assertion came out.</summary>
/// <param name="Score">0 to 1; null with <see cref="ScoreOutcome.Error"/>.</param>
/// <param name="Reason">In words for the reader.</param>
public sealed record AssertionResult(Assertion Assertion, ScoreOutcome Outcome, double? Score, string Reason)
{
    /// <summary>The answer was not in a form that can be read.</summary>
    public bool IsUnreadable { get; init; }
}

/// <summary>How a case came out.</summary>
/// <param name="Score">The weighted mean of its assertions' scores; null with <see cref="ScoreOutcome.Error"/>.</param>
public sealed record CaseScore(ScoreOutcome Outcome, double? Score, IReadOnlyList<AssertionResult> Results)
{
    /// <summary>Scores a run by all of a case's assertions.</summary>
    /// <param name="threshold">Where given, the case passes with that weighted mean; else where every assertion that weighs anything does.</param>
    /// <exception cref="ArgumentException">There is no assertion: that would pass anything.</exception>
    public static async Task<CaseScore> OfAsync(
        ScoredRun run, IReadOnlyList<Assertion> assertions, ScoringServices services, double? threshold = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(assertions);
        if (assertions.All(assertion => assertion.Weight == 0))
            throw new ArgumentException("A case without an assertion that weighs anything can't be scored.", nameof(assertions));
        List<AssertionResult> results = [];
        foreach (var assertion in assertions)
            results.Add(await assertion.ScoreAsync(run, services, cancellationToken));
        var counted = results.Where(result => result.Assertion.Weight > 0).ToList();
        // Half a score would compare unlike with like.
        if (counted.Any(result => result.Outcome == ScoreOutcome.Error))
            return new CaseScore(ScoreOutcome.Error, null, results);
        var score = counted.Sum(result => result.Assertion.Weight * result.Score!.Value) / counted.Sum(result => result.Assertion.Weight);
        var passed = threshold is { } least ? score >= least - 1e-9 : counted.All(result => result.Outcome == ScoreOutcome.Passed);
        return new CaseScore(passed ? ScoreOutcome.Passed : ScoreOutcome.Failed, score, results);
    }
}

internal static class Words
{
    public static string Number(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);

    /// <summary>A text in a reason: short, on one line, in quotes.</summary>
    public static string Quote(string text)
    {
        const int Most = 80;
        var line = text.ReplaceLineEndings(" ").Trim();
        return line.Length <= Most ? $"“{line}”" : $"“{line[..(char.IsHighSurrogate(line[Most - 1]) ? Most - 1 : Most)]}…”";
    }
}
