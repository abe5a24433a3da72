using System.Globalization;
using MuseWorkbench.Engine.Runtimes;

namespace MuseWorkbench.Bench.Compare;

/// <summary>What to compare, from the command line.</summary>
internal sealed record CompareOptions
{
    public const string Usage =
        "usage: compare [--llama-server PATH] [--batched-bench PATH] [--model muse-mini|random] [--runs 5] [--threads N] [--native DIRECTORY] [--flash-attention auto|on|off] [--folder DIRECTORY] [--scenarios abcd] [--server-arguments \"…\"]";

    /// <summary>A binary of the same llama.cpp build; null measures the engine node alone.</summary>
    public string? LlamaServer { get; init; }

    /// <summary>Letters of those to measure.</summary>
    public string Scenarios { get; init; } = "abcd";

    /// <summary>What else <c>llama-server</c> is started with.</summary>
    public IReadOnlyList<string> ServerArguments { get; init; } = [];

    /// <summary><c>llama-batched-bench</c> of the same build, for raw decoding; by default beside the server.</summary>
    public string? BatchedBench { get; init; }

    /// <summary>The bundled model, or one of 275 million random weights that the benchmark writes.</summary>
    public string Model { get; init; } = "muse-mini";

    public int Runs { get; init; } = 5;

    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Folder of llama.cpp's libraries for our side; null takes the bundled ones.</summary>
    public string? Native { get; init; }

    /// <summary>How our side computes attention.</summary>
    public FlashAttention FlashAttention { get; init; } = FlashAttention.Auto;

    /// <summary>Where the random model is kept.</summary>
    public string Folder { get; init; } = BenchOptions.InRepository("artifacts", "bench");

    /// <exception cref="ArgumentException">Not understood.</exception>
    public static CompareOptions Parse(IReadOnlyList<string> args)
    {
        var options = new CompareOptions();
        for (var i = 0; i < args.Count; i += 2)
        {
            var value = i + 1 < args.Count ? args[i + 1] : throw new ArgumentException($"{args[i]} needs a value.");
            options = args[i] switch
            {
                "--llama-server" => options with { LlamaServer = Existing(value) },
                "--batched-bench" => options with { BatchedBench = Existing(value) },
                "--model" when value is "muse-mini" or "random" => options with { Model = value },
                "--runs" => options with { Runs = Number(value) },
                "--threads" => options with { Threads = Number(value) },
                "--native" => options with { Native = value },
                "--flash-attention" when Enum.TryParse<FlashAttention>(value, ignoreCase: true, out var kind) && Enum.IsDefined(kind) => options with { FlashAttention = kind },
                "--scenarios" when value.All("abcd".Contains) => options with { Scenarios = value },
                "--server-arguments" => options with { ServerArguments = value.Split(' ', StringSplitOptions.RemoveEmptyEntries) },
                "--folder" => options with { Folder = value },
                _ => throw new ArgumentException($"Unknown option {args[i]} {value}."),
            };
        }

        var beside = options.LlamaServer is { } server ? Path.Combine(Path.GetDirectoryName(server)!, "llama-batched-bench") : null;
        return options with { BatchedBench = options.BatchedBench ?? (File.Exists(beside) ? beside : null) };
    }

    private static string Existing(string path) => File.Exists(path) ? Path.GetFullPath(path) : throw new ArgumentException($"There is no file {path}.");

    private static int Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value is >= 1 and <= 1024
            ? value
            : throw new ArgumentException($"\"{text}\" is not a whole number from 1 to 1024.");
}
