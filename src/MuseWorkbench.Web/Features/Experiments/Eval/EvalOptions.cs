using System.Collections.Immutable;
using System.Globalization;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Experiments.Reports;

namespace MuseWorkbench.Web.Features.Experiments.Eval;

/// <summary>What the command line asks for.</summary>
internal sealed record EvalOptions
{
    public const string Usage =
        """
        eval --dataset NAME|FILE --team PRESET|NAME|FILE [--team …]
             [--repeats N] [--version V] [--publish] [--first N] [--tag TAG] [--split SPLIT]
             [--assert FILE] [--seed N] [--report FILE.html|.json|.csv|.xml …] [--fail-under SHARE] [--data DIR]
        """;

    /// <summary>A kept dataset's name, or a file or folder to import.</summary>
    public required string Dataset { get; init; }

    /// <summary>Strategies' names, kept teams' names or files; the first is the baseline.</summary>
    public required ImmutableArray<string> Teams { get; init; }
    public int Repeats { get; init; } = 1;
    public int? Version { get; init; }
    public bool Publish { get; init; }
    public ExperimentFilter? Filter { get; init; }

    /// <summary>A file with assertions for cases that have none.</summary>
    public string? Assertions { get; init; }
    public uint? Seed { get; init; }
    public ImmutableArray<string> Reports { get; init; } = [];

    /// <summary>The accuracy each team must reach, 0 to 1.</summary>
    public double? FailUnder { get; init; }

    /// <summary>The data directory; null for the configured one.</summary>
    public string? Data { get; init; }

    /// <exception cref="EvalException">They can't be read; the message is for whoever typed them.</exception>
    public static EvalOptions Parse(IReadOnlyList<string> args)
    {
        var values = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        for (var i = 0; i < args.Count; i++)
        {
            var (name, value) = args[i].Split('=', 2) is [var n, var v] && n.StartsWith("--", StringComparison.Ordinal) ? (n, v) : (args[i], (string?)null);
            if (!s_names.Contains(name))
            {
                throw new EvalException($"There is no option '{name}'.");
            }

            if (name != "--publish")
            {
                value ??= i + 1 < args.Count && !args[i + 1].StartsWith("--", StringComparison.Ordinal) ? args[++i] : throw new EvalException($"{name} needs a value.");
            }

            (values.TryGetValue(name, out var given) ? given : values[name] = []).Add(value ?? "");
        }

        return new EvalOptions
        {
            Dataset = One("--dataset") ?? throw new EvalException("Which dataset? Give --dataset NAME or --dataset FILE."),
            Teams = values.TryGetValue("--team", out var teams) ? [.. teams] : throw new EvalException("Which team? Give --team with a strategy's name, a kept team's name or a file."),
            Repeats = (int?)Whole("--repeats", 1, ExperimentLimits.Repeats) ?? 1,
            Version = (int?)Whole("--version", 1, int.MaxValue),
            Publish = values.ContainsKey("--publish"),
            Filter = new ExperimentFilter { Tag = One("--tag"), Split = One("--split"), First = (int?)Whole("--first", 1, ExperimentLimits.Cells) },
            Assertions = One("--assert"),
            Seed = (uint?)Whole("--seed", 0, uint.MaxValue),
            Reports = values.TryGetValue("--report", out var reports) ? [.. reports.Select(Report)] : [],
            FailUnder = Share(One("--fail-under")),
            Data = One("--data"),
        };

        string? One(string name) => !values.TryGetValue(name, out var given) ? null
            : given.Count > 1 ? throw new EvalException($"{name} stands there twice.")
            : given[0].Length == 0 ? throw new EvalException($"{name} needs a value.") : given[0];

        long? Whole(string name, long least, long most) => One(name) is not { } text ? null
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
            : throw new EvalException(string.Create(CultureInfo.InvariantCulture, $"{name} is a whole number from {least} to {most}, not '{text}'."));
    }

    private static readonly string[] s_names =
    [
        "--dataset", "--team", "--repeats", "--version", "--publish", "--first", "--tag", "--split", "--assert", "--seed", "--report", "--fail-under", "--data",
    ];

    private static double? Share(string? text) => text is null ? null
        : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) && share is >= 0 and <= 1 ? share
        : throw new EvalException($"--fail-under is a share from 0 to 1, not '{text}'.");

    private static string Report(string path)
    {
        if (ReportFormats.Find(Path.GetExtension(path).TrimStart('.')) is null)
        {
            throw new EvalException($"A report is {ReportFormats.Names}; '{path}' ends in none of them.");
        }

        return Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))) ? path : throw new EvalException($"There is no folder for the report '{path}'.");
    }
}

/// <summary>The command can't be carried out; the message is for whoever gave it.</summary>
internal sealed class EvalException(string message) : Exception(message);
