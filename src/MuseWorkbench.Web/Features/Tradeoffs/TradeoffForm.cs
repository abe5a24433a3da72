using System.Collections.Immutable;
using System.Globalization;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Tradeoffs;
using MuseWorkbench.Web.Features.Teams;

namespace MuseWorkbench.Web.Features.Tradeoffs;

/// <summary>What is typed into the form of a new sweep.</summary>
internal sealed class TradeoffForm
{
    public Dataset? Dataset { get; set; }
    public TeamChoice? Team { get; set; }
    public int? First { get; set; } = 20;
    public string Agents { get; set; } = "1, 2, 4, 8";
    public string Tokens { get; set; } = "256";
    public string Concurrency { get; set; } = "1, 2, 4";
    public double? TargetSeconds { get; set; } = 2;

    /// <summary>The plan over these cases.</summary>
    /// <exception cref="FormatException">A field holds something else than numbers; the message is for the user.</exception>
    public SweepPlan Build(ImmutableArray<Case> cases) => new()
    {
        DatasetName = Dataset!.Name, Cases = cases, Team = Team!.Team, TargetMs = 1000 * (TargetSeconds ?? 0),
        Agents = Numbers(Agents, "Agents"), Tokens = Numbers(Tokens, "Tokens"), Concurrencies = Numbers(Concurrency, "Runs at once"),
    };

    /// <summary>What it will take, in words; or what is missing.</summary>
    public string Cost(int cases)
    {
        try
        {
            var settings = Build([]).Settings;
            var asked = Math.Min(cases, First is > 0 and var first ? first : SweepLimits.Cases);
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{settings.Length:N0} settings × {asked:N0} cases = {settings.Length * asked:N0} runs, {settings.Sum(setting => (long)setting.Agents) * asked:N0} agents of at most {settings.Select(setting => setting.Tokens).DefaultIfEmpty().Max():N0} tokens");
        }
        catch (FormatException e)
        {
            return e.Message;
        }
    }

    private static ImmutableArray<int> Numbers(string text, string what)
    {
        var parts = text.Split([',', ' ', ';'], StringSplitOptions.RemoveEmptyEntries);
        return [.. parts.Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FormatException($"{what}: “{(part.Length > 12 ? part[..12] + "…" : part)}” is no whole number."))];
    }
}
