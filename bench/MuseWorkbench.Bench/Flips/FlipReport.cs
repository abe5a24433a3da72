using System.Globalization;
using System.Text;
using System.Text.Json;

namespace MuseWorkbench.Bench.Flips;

/// <summary>What became of damaged models.</summary>
internal sealed class FlipReport
{
    public int Count { get; init; }
    public int Seed { get; init; }

    /// <summary>By the preflight.</summary>
    public int Refused { get; set; }

    /// <summary>By llama.cpp, with a message.</summary>
    public int Errors { get; set; }

    /// <summary>Loaded, and drew tokens.</summary>
    public int Ran { get; set; }

    /// <summary>Loaded, but its logits were no numbers or its texts not readable: an error for the client.</summary>
    public int Unusable { get; set; }

    /// <summary>Those the process died of.</summary>
    public List<FlipCrash> Crashes { get; } = [];

    public void Add(string outcome, string? reason)
    {
        switch (outcome)
        {
            case "refused": Refused++; break;
            case "error": Errors++; break;
            case "ran": Ran++; break;
            case "unusable": Unusable++; break;
            default: throw new InvalidOperationException($"The child said \"{outcome} {reason}\".");
        }
    }

    public string ToJson() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);

    public string ToTable()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{Count} damaged files (seed {Seed}): {Refused} refused by the preflight, {Errors} by llama.cpp, {Ran} ran, {Unusable} loaded but gave no usable result, {Crashes.Count} ended the process");
        foreach (var crash in Crashes)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"number {crash.Number}: {(crash.ExitCode is { } code ? $"exit code {code}" : "hung")}: {crash.Said}");
        }

        return text.ToString().TrimEnd();
    }
}

/// <param name="Number">Of the damaged file in its series.</param>
/// <param name="ExitCode">Null where it hung and was killed.</param>
/// <param name="Said">The end of what it wrote to standard error.</param>
internal sealed record FlipCrash(int Number, int? ExitCode, string Said);
