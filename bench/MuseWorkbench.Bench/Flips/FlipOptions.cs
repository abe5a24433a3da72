using System.Globalization;

namespace MuseWorkbench.Bench.Flips;

/// <summary>Which damaged files to load.</summary>
internal sealed record FlipOptions
{
    public const string Usage = "usage: flips [--count 10000] [--seed 1] [--model FILE] [--json]";

    public required string Model { get; init; }
    public int Count { get; init; } = 10_000;
    public int Seed { get; init; } = 1;
    public bool Json { get; init; }

    /// <summary>Whether this process loads them itself, from number <see cref="From"/>, rather than starting one that does.</summary>
    public bool Child { get; init; }

    public int From { get; init; }

    /// <exception cref="ArgumentException">Not understood.</exception>
    public static FlipOptions Parse(IReadOnlyList<string> args)
    {
        var options = new FlipOptions { Model = new BenchOptions().Model };
        for (var i = 1; i < args.Count; i++)
        {
            options = args[i] switch
            {
                "--json" => options with { Json = true },
                "--child" => options with { Child = true },
                "--count" => options with { Count = Number() },
                "--seed" => options with { Seed = Number() },
                "--from" => options with { From = Number() },
                "--model" => options with { Model = Value() },
                _ => throw new ArgumentException($"Unknown option {args[i]}. {Usage}"),
            };

            string Value() => i + 1 < args.Count ? args[++i] : throw new ArgumentException($"{args[i]} needs a value.");

            int Number() => int.TryParse(Value(), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                ? value
                : throw new ArgumentException($"\"{args[i]}\" is not a whole number.");
        }

        return options;
    }

    /// <summary>The command line of a child that goes on from a number.</summary>
    public IEnumerable<string> ChildArguments(int from) =>
    [
        "flips", "--child", "--model", Model,
        "--count", Count.ToString(CultureInfo.InvariantCulture),
        "--seed", Seed.ToString(CultureInfo.InvariantCulture),
        "--from", from.ToString(CultureInfo.InvariantCulture),
    ];
}
