using System.Globalization;

namespace MuseWorkbench.Bench;

/// <summary>What to measure, from the command line.</summary>
internal sealed record BenchOptions
{
    public const string Usage =
        "usage: agents|endurance [--json] [--agents 1,2,4,8,16] [--runs 5] [--tokens 128] [--requests 10000] [--threads N] [--model FILE] [--projector FILE] [--image FILE] [--question TEXT]";

    public static string BundledModel { get; } = InRepository("models", "muse-mini", "muse-mini.gguf");
    public static string BundledProjector { get; } = InRepository("models", "muse-mini", "muse-mini-mmproj.gguf");

    public bool Json { get; init; }
    public IReadOnlyList<int> Agents { get; init; } = [1, 2, 4, 8, 16];
    public int Runs { get; init; } = 5;

    /// <summary>Of the endurance run.</summary>
    public int Requests { get; init; } = 10_000;

    /// <summary>Tokens each agent generates; ends of generation are ruled out, so that all runs do the same work.</summary>
    public int Tokens { get; init; } = 128;

    public int? Threads { get; init; }
    public string Model { get; init; } = BundledModel;
    public string Projector { get; init; } = BundledProjector;
    public string Image { get; init; } = InRepository("wwwroot", "samples", "scene-01.png");
    public string Question { get; init; } = "What is on the table?";

    /// <exception cref="ArgumentException">Not understood.</exception>
    public static BenchOptions Parse(IReadOnlyList<string> args)
    {
        var options = new BenchOptions();
        for (var i = 0; i < args.Count; i++)
        {
            options = args[i] switch
            {
                "--json" => options with { Json = true },
                "--agents" => options with { Agents = [.. Value().Split(',').Select(v => Number(v, 128))] },
                "--runs" => options with { Runs = Number(Value(), 1000) },
                "--requests" => options with { Requests = Number(Value(), 10_000_000) },
                "--tokens" => options with { Tokens = Number(Value(), 100_000) },
                "--threads" => options with { Threads = Number(Value(), 1024) },
                "--model" => options with { Model = Value() },
                "--projector" => options with { Projector = Value() },
                "--image" => options with { Image = Value() },
                "--question" => options with { Question = Value() },
                _ => throw new ArgumentException($"Unknown option {args[i]}."),
            };

            string Value() => i + 1 < args.Count ? args[++i] : throw new ArgumentException($"{args[i]} needs a value.");
        }

        return options;
    }

    private static int Number(string text, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= 1 && value <= most
            ? value
            : throw new ArgumentException($"\"{text}\" is not a whole number from 1 to {most}.");

    public static string InRepository(params string[] path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "MuseWorkbench.sln")))
            {
                return Path.Combine([folder.FullName, .. path]);
            }
        }

        return Path.Combine(path);
    }
}
