using System.Globalization;

namespace MuseWorkbench.Curation.Statistics;

/// <summary>A comparison in words: what was found, how sure it is, what was left out, and where nothing was found, what it would take.</summary>
public static class VerdictText
{
    /// <summary>One or more sentences.</summary>
    public static string Of(TeamComparison comparison)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        return string.Join(" ", new[] { Finding(comparison), LeftOut(comparison), IfWrong(comparison) }.Where(sentence => sentence.Length > 0));
    }

    private static string Finding(TeamComparison c)
    {
        var (a, b) = (c.A.Team, c.B.Team);
        if (c.Difference is not { } difference)
            return $"Nothing to compare: there is no case on which both {a} and {b} have a score.";
        if (c.StandardError is null)
            return $"Not decided: all {Count(c.Cases, "case")} share one image, which says nothing of others.";
        var (better, worse, sign) = difference.Value < 0 ? (a, b, -1) : (b, a, 1);
        var (lower, upper) = sign > 0 ? (difference.Lower, difference.Upper) : (-difference.Upper, -difference.Lower);
        var interval = $"{Math.Round(c.Options.Level * 100, 2).ToString(CultureInfo.InvariantCulture)} % CI {Points(lower)} to {Points(upper)}";
        var points = $"{Points(Math.Abs(difference.Value))} points";
        var basis = $"{Count(c.Cases, "case")}{(c.Clusters < c.Cases ? $" on {Count(c.Clusters, "image")}" : "")}";
        if (c.Decision != Decision.NotDecided)
            return $"{better} is better than {worse} by {points}, {interval} ({basis}, {P(c)}).";
        if (Math.Abs(difference.Value) < 1e-12)
            return $"Not decided: {a} and {b} score the same on {basis}, {interval}.{Detectable(c)}";
        var need = c.MoreCasesNeeded is { } more ? $" About {Rounded(more)} more {(more == 1 ? "case" : "cases")} needed to decide a difference of this size." : "";
        return $"Not decided: {better} is ahead of {worse} by {points}, {interval} ({basis}, {P(c)}).{need}";
    }

    private static string Detectable(TeamComparison c) =>
        c.MinimumDetectableEffect is { } least ? $" A true difference of {Points(least)} points or more would most likely have shown." : "";

    private static string LeftOut(TeamComparison c) => c.LeftOut == 0
        ? c.A.Errors + c.B.Errors == 0 ? "" : $"Some attempts ended in errors and were not scored ({Errors(c.A)}, {Errors(c.B)})."
        : $"{Count(c.LeftOut, "case")} left out for want of a score on both sides ({Errors(c.A)}, {Errors(c.B)}).";

    private static string IfWrong(TeamComparison c) => c.DifferenceIfErrorsAreWrong is not { } difference
        ? ""
        : Math.Abs(difference) < 1e-12
            ? "Counted as wrong, they would leave both equal."
            : $"Counted as wrong, they would put {(difference > 0 ? c.B : c.A).Team} ahead by {Points(Math.Abs(difference))} points.";

    private static string Errors(TeamSummary team) => $"{team.Team}: {Count(team.Errors, "error")} in {Count(team.Attempts, "attempt")}";

    private static string P(TeamComparison c)
    {
        var p = c.AdjustedP < 0.001 ? "p < 0.001" : $"p = {c.AdjustedP.ToString(c.AdjustedP < 0.1 ? "0.000" : "0.00", CultureInfo.InvariantCulture)}";
        return c.Family > 1 ? $"{p} corrected for {c.Family} comparisons" : p;
    }

    private static string Points(double share)
    {
        var points = Math.Round(share * 100, 1, MidpointRounding.AwayFromZero);
        return points == 0 ? "0.0" : (points < 0 ? "−" : "") + Math.Abs(points).ToString("0.0", CultureInfo.InvariantCulture);
    }

    private static string Count(int n, string noun) => $"{n.ToString("N0", CultureInfo.InvariantCulture)} {noun}{(n == 1 ? "" : "s")}";

    // An estimate from an estimate: two digits are all there is.
    private static string Rounded(int n)
    {
        var unit = (int)Math.Pow(10, Math.Max(0, (int)Math.Log10(n) - 1));
        return ((n + (long)unit - 1) / unit * unit).ToString("N0", CultureInfo.InvariantCulture);
    }
}
