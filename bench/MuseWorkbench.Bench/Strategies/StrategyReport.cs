using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Core;

namespace MuseWorkbench.Bench.Strategies;

/// <summary>How often each strategy was right on the same cases, and at what cost.</summary>
internal sealed class StrategyReport(StrategyBenchOptions options)
{
    private readonly Dictionary<string, List<Outcome>> _outcomes = [];

    /// <param name="floorMs">Bare batched decode of the same rows; null where the run has stages.</param>
    public void Add(string strategy, Case asked, (FinalAnswer? Final, RunFinished Run, RunShape Shape) run, double? floorMs)
    {
        var right = run.Final is { } final && Form(final.Answer) == Form(asked.Answer);
        (_outcomes.TryGetValue(strategy, out var list) ? list : _outcomes[strategy] = [])
            .Add(new(asked.Folder, right, run.Run.TotalTokens, run.Run.CriticalPathTokens, run.Run.WallClockMs, floorMs, run.Final?.EarlyStop?.EstimatedTokensSaved ?? 0));
    }

    /// <summary>A table for each folder of cases, and one of all together.</summary>
    public string ToTables()
    {
        string[] folders = [.. _outcomes[StrategyBenchmark.SingleName].Select(o => o.Folder).Distinct()];
        return string.Join("\n\n", [.. folders.Select(folder => ToTable(folder, o => o.Folder == folder)), .. folders.Length > 1 ? [ToTable(string.Join(" and ", folders), _ => true)] : Array.Empty<string>()]);
    }

    private string ToTable(string title, Func<Outcome, bool> counts)
    {
        Outcome[] single = [.. _outcomes[StrategyBenchmark.SingleName].Where(counts)];
        var text = new StringBuilder();
        Line($"{single.Length} cases of {title}, {options.Agents} agents of at most {options.Tokens} tokens; {Environment.ProcessorCount} cores");
        Line($"");
        Line($"| strategy | right % | 95 % interval | gained / lost to single | tokens | critical path | wall ms | × single | × floor | saved % |");
        Line($"|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var (name, list) in _outcomes)
        {
            Outcome[] all = [.. list.Where(counts)];
            var hits = all.Count(o => o.Right);
            var (low, high) = Statistics.Wilson(hits, all.Length);
            var pairs = all.Zip(single).ToArray();
            var tokens = all.Average(o => o.Tokens);
            var saved = all.Average(o => o.Saved);
            Line($"| {name} | {100.0 * hits / all.Length:F1} | {100 * low:F1} to {100 * high:F1} | {pairs.Count(p => p.First.Right && !p.Second.Right)} / {pairs.Count(p => !p.First.Right && p.Second.Right)} | {tokens:F0} | {all.Average(o => o.CriticalPath):F0} | {Statistics.Median([.. all.Select(o => o.WallMs)]):F0} | {Statistics.Median([.. pairs.Select(p => p.First.WallMs / p.Second.WallMs)]):F2} | {OverFloor(all)} | {100 * saved / (tokens + saved):F0} |");
        }

        return text.ToString().TrimEnd();

        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
    }

    private static string OverFloor(IReadOnlyList<Outcome> all) =>
        all.Any(o => o.FloorMs is null) ? "" : Statistics.Median([.. all.Select(o => o.WallMs / o.FloorMs!.Value)]).ToString("F2", CultureInfo.InvariantCulture);

    // As votes are counted: what can't differ in meaning is not told apart.
    private static string Form(string answer) => AnswerNormaliser.Normalise(answer, ImmutableArray<Region>.Empty);

    private sealed record Outcome(string Folder, bool Right, int Tokens, int CriticalPath, double WallMs, double? FloorMs, int Saved);
}
