using System.Globalization;
using MuseWorkbench.Agents.Pool;

namespace MuseWorkbench.Bench.Pool;

/// <summary>What to simulate, from the command line.</summary>
internal sealed record PoolBenchOptions
{
    public const string Usage =
        "usage: pool [--members 1,2,4,…] [--policies least-wait,affinity,round-robin,random] [--load 0.5,0.8] [--runs 4000] [--images 20] [--agents 8] [--prompt 700] [--answer 120] [--rows 64] [--step 12,0.35] [--prefill 8000] [--prefixes 8] [--trace FILE] [--seed 1]";

    public IReadOnlyList<int> Members { get; init; } = [1, 2, 4, 8, 16, 64, 256, 1000];
    public IReadOnlyList<string> Policies { get; init; } = PlacementPolicies.Names;

    /// <summary>Share of what the members sustain with every prefix cached.</summary>
    public IReadOnlyList<double> Loads { get; init; } = [0.5, 0.8];

    /// <summary>Runs of a trace; at least twenty for each member, so that all of them get work.</summary>
    public int Runs { get; init; } = 4000;
    public int Images { get; init; } = 20;
    public int Agents { get; init; } = 8;
    public int PromptTokens { get; init; } = 700;
    public int AnswerTokens { get; init; } = 120;
    public int Seed { get; init; } = 1;
    public string? Trace { get; init; }
    public VirtualHardware Hardware { get; init; } = new(64, new StepTime(12, 0.35), 8000, 8);

    /// <exception cref="ArgumentException">Not understood.</exception>
    public static PoolBenchOptions Parse(IReadOnlyList<string> args)
    {
        var options = new PoolBenchOptions();
        for (var i = 0; i < args.Count; i++)
        {
            var name = args[i];
            var value = i + 1 < args.Count ? args[++i] : throw new ArgumentException($"{name} needs a value.");
            options = name switch
            {
                "--members" => options with { Members = [.. value.Split(',').Select(v => Whole(v, 1000))] },
                "--policies" => options with { Policies = [.. value.Split(',').Select(v => PlacementPolicies.Create(v).Name)] },
                "--load" => options with { Loads = [.. value.Split(',').Select(v => Number(v, 0.01, 2))] },
                "--runs" => options with { Runs = Whole(value, 10_000_000) },
                "--images" => options with { Images = Whole(value, 1_000_000) },
                "--agents" => options with { Agents = Whole(value, 1024) },
                "--prompt" => options with { PromptTokens = Whole(value, 10_000_000) },
                "--answer" => options with { AnswerTokens = Whole(value, 1_000_000) },
                "--seed" => options with { Seed = Whole(value, int.MaxValue) },
                "--trace" => options with { Trace = value },
                "--rows" => options with { Hardware = options.Hardware with { Rows = Whole(value, 4096) } },
                "--step" when value.Split(',') is [var whole, var row] => options with { Hardware = options.Hardware with { Step = new StepTime(Number(whole, 0, 60_000), Number(row, 0.0001, 60_000)) } },
                "--prefill" => options with { Hardware = options.Hardware with { PrefillPerSecond = Number(value, 1, 1e9) } },
                "--prefixes" => options with { Hardware = options.Hardware with { Prefixes = Whole(value, 1_000_000) } },
                _ => throw new ArgumentException($"Unknown option {name} {value}."),
            };
        }

        return options;
    }

    private static int Whole(string text, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= 1 && value <= most
            ? value
            : throw new ArgumentException($"\"{text}\" is not a whole number from 1 to {most}.");

    private static double Number(string text, double least, double most) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
            ? value
            : throw new ArgumentException($"\"{text}\" is not a number from {least} to {most}.");
}
