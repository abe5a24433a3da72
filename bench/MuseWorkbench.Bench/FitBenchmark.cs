using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using MuseWorkbench.Bench.Compare;
using MuseWorkbench.Engine.Runtimes;
using MuseWorkbench.Engine.Runtimes.Fit;

namespace MuseWorkbench.Bench;

/// <summary>Memory as estimated from a model's file next to what llama.cpp allocates for it: the bundled model and random ones of three sizes, with two kinds of KV cache.</summary>
internal static class FitBenchmark
{
    public static string Run(CancellationToken cancellationToken)
    {
        var folder = BenchOptions.InRepository("artifacts", "bench");
        (string Name, string Path)[] models =
        [
            ("muse-mini", BenchOptions.BundledModel),
            .. RandomSize.All.Select(size => ($"random {size.Name}", RandomModel.Ensure(folder, size).Model)),
        ];
        var table = new StringBuilder("| model | KV | estimated, MiB | allocated, MiB | off by | weights | packed | KV cache | compute | output |\n|---|---|---:|---:|---:|---:|---:|---:|---:|---:|\n");
        foreach (var (name, path) in models)
        {
            foreach (var kv in (ReadOnlySpan<KvCacheType>)[KvCacheType.F16, KvCacheType.Q8_0])
            {
                var options = new LlamaCppOptions { ModelPath = path, KvType = kv, CheckTensors = false };
                using var runtime = LlamaCppRuntime.Load(options, NullLoggerFactory.Instance, null, cancellationToken);
                var (estimated, allocated) = (runtime.Info.Estimated!, runtime.Info.Allocated!);
                table.Append(
                    CultureInfo.InvariantCulture,
                    $"| {name} | {(kv == KvCacheType.Q8_0 ? "q8_0" : "f16")} | {Mib(estimated.Total)} | {Mib(allocated.Total)} | {100.0 * (estimated.Total - allocated.Total) / allocated.Total:+0.0;−0.0} % | {Both(p => p.Weights)} | {Both(p => p.Packed)} | {Both(p => p.Kv)} | {Both(p => p.Compute)} | {Both(p => p.Output)} |\n");

                string Both(Func<MemoryParts, long> part) => $"{Mib(part(estimated))} / {Mib(part(allocated))}";
            }
        }

        return table.ToString();
    }

    private static string Mib(long bytes) => (bytes / (double)(1 << 20)).ToString("0.0", CultureInfo.InvariantCulture);
}
