using System.Globalization;

namespace MuseWorkbench.Bench.Strategies;

/// <summary>Which strategies to try on which cases, from the command line.</summary>
internal sealed record StrategyBenchOptions
{
    public const string Usage = "usage: strategies [--cases FOLDER,FOLDER] [--count 100] [--abilities count,compare] [--strategies a,b] [--agents 8] [--tokens 256] [--views same|spread|both] [--roles \"Start at the left.|Go by size.\"] [--threads N] [--model FILE] [--projector FILE]";

    /// <summary>By default everything that the bundled model was not trained on.</summary>
    public IReadOnlyList<string> Cases { get; init; } = [BenchOptions.InRepository("models", "held-out"), BenchOptions.InRepository("models", "crowded")];

    /// <summary>Most cases of each folder.</summary>
    public int Count { get; init; } = 100;

    /// <summary>Null is every ability whose answers are words.</summary>
    public IReadOnlySet<string>? Abilities { get; init; }

    /// <summary>Null is all; the single agent is always among them, as the measure of the others.</summary>
    public IReadOnlySet<string>? Strategies { get; init; }

    public int Agents { get; init; } = 8;

    /// <summary>Most tokens an agent may generate.</summary>
    public int Tokens { get; init; } = 256;

    /// <summary>What agents see of the image.</summary>
    public SeenBy Views { get; init; } = SeenBy.Both;

    /// <summary>What the second agent and those after it are told, in turn; the first is told nothing.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    public int? Threads { get; init; }

    public string Model { get; init; } = BenchOptions.BundledModel;

    public string Projector { get; init; } = BenchOptions.BundledProjector;

    /// <exception cref="ArgumentException">Not understood.</exception>
    public static StrategyBenchOptions Parse(IReadOnlyList<string> args)
    {
        var options = new StrategyBenchOptions();
        for (var i = 0; i < args.Count; i += 2)
        {
            var value = i + 1 < args.Count ? args[i + 1] : throw new ArgumentException($"{args[i]} needs a value.");
            options = args[i] switch
            {
                "--cases" => options with { Cases = value.Split(',') },
                "--count" => options with { Count = Number(value, 100_000) },
                "--abilities" => options with { Abilities = value.Split(',').ToHashSet() },
                "--strategies" => options with { Strategies = value.Split(',').ToHashSet() },
                "--agents" => options with { Agents = Number(value, 16) },
                "--tokens" => options with { Tokens = Number(value, 32_768) },
                "--views" => options with { Views = Enum.TryParse<SeenBy>(value, ignoreCase: true, out var views) && Enum.IsDefined(views) ? views : throw new ArgumentException("--views is same, spread or both.") },
                "--roles" => options with { Roles = value.Split('|') },
                "--threads" => options with { Threads = Number(value, 1024) },
                "--model" => options with { Model = value },
                "--projector" => options with { Projector = value },
                _ => throw new ArgumentException($"Unknown option {args[i]}."),
            };
        }

        return options;
    }

    private static int Number(string text, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= 1 && value <= most
            ? value
            : throw new ArgumentException($"\"{text}\" is not a whole number from 1 to {most}.");
}

/// <summary>What the agents of a team see of the image.</summary>
internal enum SeenBy
{
    /// <summary>All the same: the image as it is.</summary>
    Same,

    /// <summary>Each another view; the first sees it as it is.</summary>
    Spread,

    /// <summary>All the same, and, in strategies whose agents don't read each other, once more each another view.</summary>
    Both,
}
