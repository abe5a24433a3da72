using System.Globalization;
using System.Text;
using MuseWorkbench.Agents.Pool;

namespace MuseWorkbench.Bench.Pool;

/// <summary>Compares the pool's placement policies on the same arrivals, for pools of many sizes.</summary>
internal static class PoolBenchmark
{
    /// <summary>Runs for each member, so that large pools leave their beginning behind.</summary>
    private const int RunsPerMember = 20;

    public static IEnumerable<PoolResult> Run(PoolBenchOptions options, Action<string> progress)
    {
        var recorded = options.Trace is { } file ? PoolTrace.Read(file) : null;
        foreach (var members in options.Members)
        {
            foreach (var load in recorded is null ? options.Loads : [0])
            {
                var arrivals = recorded ?? PoolTrace.Synthetic(
                    Math.Max(options.Runs, RunsPerMember * members), load * members * options.Hardware.RunsPerSecond(options.Agents, options.AnswerTokens),
                    options.Images, options.Agents, options.PromptTokens, options.AnswerTokens, options.Seed);
                foreach (var policy in options.Policies)
                {
                    progress($"{members} members, load {load:0.##}, {policy}");
                    yield return PoolSimulation.Run(PlacementPolicies.Create(policy, options.Seed), arrivals, members, options.Hardware, load);
                }
            }
        }
    }

    public static string ToTable(PoolBenchOptions options, IEnumerable<PoolResult> results)
    {
        var hardware = options.Hardware;
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"Virtual members: {hardware.Rows} rows, a step {hardware.Step.FixedMs} ms + {hardware.Step.PerRowMs} ms a row, prefill {hardware.PrefillPerSecond:0} tokens/s, {hardware.Prefixes} prefixes cached.");
        text.AppendLine(options.Trace is { } trace
            ? $"Arrivals: {trace}."
            : string.Create(CultureInfo.InvariantCulture, $"Arrivals: Poisson, {options.Images} images (Zipf), {options.Agents} agents a run, {options.PromptTokens} prompt tokens, {options.AnswerTokens} answer tokens in the mean, seed {options.Seed}."));
        text.AppendLine().AppendLine("| members | load | policy | mean s | p50 s | p99 s | runs/s | tokens/s | prefix hits | split |").AppendLine("|---:|---:|---|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var r in results)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {r.Members} | {(r.Load > 0 ? $"{r.Load:0.##}" : "trace")} | {r.Policy} | {r.MeanMs / 1000:0.00} | {r.MedianMs / 1000:0.00} | {r.P99Ms / 1000:0.00} | {r.RunsPerSecond:0.00} | {r.TokensPerSecond:0} | {r.HitRate:P1} | {r.SplitShare:P0} |");
        }

        return text.ToString().TrimEnd();
    }
}
