using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using MuseWorkbench.Engine.Runtimes;

namespace MuseWorkbench.Bench.Compare;

/// <summary>Raw decoding through our binding against llama.cpp's own <c>llama-batched-bench</c>: tokens per second of 1, 8, 16 and 32 rows a step.</summary>
internal static class DecodeBenchmark
{
    private const int Prompt = 64, Cells = 16384;

    private static readonly int[] s_rows = [1, 8, 16, 32];

    public static async Task<string> RunAsync(CompareOptions options, CancellationToken cancellationToken)
    {
        var model = options.Model == "random" ? RandomModel.Ensure(options.Folder, RandomSize.Large).Model : BenchOptions.BundledModel;
        // Long enough to be measured: the bundled model takes half a millisecond a step, the other fifty.
        var steps = options.Model == "random" ? 32 : 384;
        // libgomp keeps helpers for every thread that ever computed and, once they outnumber the cores, no longer spins at barriers.
        using var thread = new ComputeThread();
        var figures = s_rows.ToDictionary(rows => rows, _ => (Ours: new List<double>(), Theirs: new List<double>()));
        for (var run = -1; run < options.Runs; run++)
        {
            var ours = await thread.RunAsync(() => Measure(model, steps, options));
            var theirs = options.BatchedBench is null ? [] : await RunBatchedBenchAsync(model, steps, options, cancellationToken);
            foreach (var rows in run < 0 ? [] : s_rows)
            {
                figures[rows].Ours.Add(ours[rows]);
                if (theirs.TryGetValue(rows, out var rate))
                {
                    figures[rows].Theirs.Add(rate);
                }
            }
        }

        var text = new StringBuilder();
        Line($"{Path.GetFileName(model)}, {options.Threads} threads, tokens/s at {Prompt} to {Prompt + steps} tokens a row; median of {options.Runs} runs");
        Line($"{"rows",4} {"binding",9} {"batched-bench",13} {"ratio",6}");
        foreach (var (rows, (ours, theirs)) in figures)
        {
            var ratio = theirs.Count == 0 ? null : (double?)Statistics.Median([.. ours.Zip(theirs, (a, b) => a / b)]);
            Line($"{rows,4} {Statistics.Median(ours),9:F0} {(theirs.Count == 0 ? null : (double?)Statistics.Median(theirs)),13:F0} {ratio,6:F3}");
        }

        return text.ToString().TrimEnd();

        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
    }

    private static Dictionary<int, double> Measure(string model, int steps, CompareOptions options)
    {
        using var runtime = LlamaCppRuntime.Load(
            new LlamaCppOptions
            {
                ModelPath = model, ContextCells = Cells, MaxSequences = 64, Threads = options.Threads, NativeDirectory = options.Native,
                FlashAttention = options.FlashAttention,
            },
            NullLoggerFactory.Instance, null, CancellationToken.None);
        var token = runtime.Tokenize("a", addSpecial: false, parseSpecial: false)[0];
        return s_rows.ToDictionary(rows => rows, rows => Rate(runtime, token, rows, steps));
    }

    private static double Rate(LlamaCppRuntime runtime, int token, int rows, int steps)
    {
        var batch = new DecodeBatch();
        Decode(0, Prompt, [0]);
        for (var sequence = 1; sequence < rows; sequence++)
        {
            runtime.CopySequence(0, sequence, 0, Prompt);
        }

        var sequences = Enumerable.Range(0, rows).ToArray();
        var started = Stopwatch.GetTimestamp();
        for (var step = 0; step < steps; step++)
        {
            Decode(Prompt + step, 1, sequences);
        }

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        foreach (var sequence in sequences)
        {
            runtime.RemoveSequence(sequence, 0, -1);
        }

        return rows * steps / seconds;

        void Decode(int from, int count, int[] ids)
        {
            batch.Clear();
            foreach (var id in ids)
            {
                for (var i = 0; i < count; i++)
                {
                    batch.Tokens.Add(token);
                    batch.Positions.Add(from + i);
                    batch.Sequences.Add(id);
                    batch.WantLogits.Add(i == count - 1);
                }
            }

            if (runtime.Decode(batch) != DecodeStatus.Ok)
            {
                throw new InvalidOperationException("A decode failed.");
            }
        }
    }

    private static async Task<Dictionary<int, double>> RunBatchedBenchAsync(string model, int steps, CompareOptions options, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(options.BatchedBench!) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[]
        {
            "-m", model, "-c", $"{Cells}", "-b", "512", "-ub", "512", "-npp", $"{Prompt}", "-ntg", $"{steps}", "-npl", string.Join(',', s_rows),
            "-t", $"{options.Threads}", "-tb", $"{options.Threads}", "-pps", "-kvu", "--output-format", "jsonl",
        })
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"llama-batched-bench ended with {process.ExitCode}: {await errors}");
        }

        return output.Split('\n').Where(line => line.StartsWith('{')).Select(line => JsonDocument.Parse(line).RootElement)
            .ToDictionary(row => row.GetProperty("pl").GetInt32(), row => row.GetProperty("speed_tg").GetDouble());
    }
}
