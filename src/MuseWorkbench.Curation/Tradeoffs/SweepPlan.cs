using System.Collections.Immutable;
using System.Globalization;
using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Tradeoffs;

/// <summary>What is to be swept, before it is a sweep.</summary>
public sealed record SweepPlan
{
    public required string DatasetName { get; init; }
    public required ImmutableArray<Case> Cases { get; init; }
    public required TeamSpec Team { get; init; }
    public required ImmutableArray<int> Agents { get; init; }
    public required ImmutableArray<int> Tokens { get; init; }
    public required ImmutableArray<int> Concurrencies { get; init; }
    public required double TargetMs { get; init; }

    /// <summary>Every setting: few agents, short budgets and little at once first, so that there is something to see soon.</summary>
    public ImmutableArray<SweepSetting> Settings =>
    [
        .. from agents in Agents.Distinct().Order() from tokens in Tokens.Distinct().Order() from at in Concurrencies.Distinct().Order() select new SweepSetting(agents, tokens, at),
    ];

    /// <summary>What is wrong with it, in words; null where it can be run.</summary>
    public string? Fault(Func<TeamSpec, string?> teamFault)
    {
        ArgumentNullException.ThrowIfNull(teamFault);
        if (Cases.IsDefaultOrEmpty)
            return "There is no case to ask.";
        if (Cases.Length > SweepLimits.Cases)
            return $"A sweep asks at most {SweepLimits.Cases} cases.";
        if (Outside(Agents, TeamSpec.MinAgents, TeamSpec.MaxAgents, "Agents") is { } agents)
            return agents;
        if (Outside(Tokens, SweepLimits.MinTokens, SweepLimits.MaxTokens, "Tokens") is { } tokens)
            return tokens;
        if (Outside(Concurrencies, 1, SweepLimits.Concurrency, "Runs at once") is { } concurrency)
            return concurrency;
        if (TargetMs is not (> 0 and <= 3_600_000))
            return "The latency to keep is above 0 and at most 3,600 seconds.";
        if (Settings.Length > SweepLimits.Points)
            return $"That is {Settings.Length} settings; a sweep measures at most {SweepLimits.Points}.";
        return Settings.Select(setting => teamFault(SweepTeam.Of(Team, setting)) is { } fault ? $"With {Many(setting.Agents, "agent")}: {fault}" : null).FirstOrDefault(fault => fault is not null);
    }

    internal static string Many(int count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {what}{(count == 1 ? "" : "s")}");

    private static string? Outside(ImmutableArray<int> values, int least, int most, string what) =>
        values.IsDefaultOrEmpty ? $"{what}: at least one number is needed."
        : values.FirstOrDefault(value => value < least || value > most, -1) is var wrong and not -1 ? string.Create(CultureInfo.InvariantCulture, $"{what}: {wrong} is not from {least:N0} to {most:N0}.")
        : null;
}

/// <summary>A team at a setting.</summary>
public static class SweepTeam
{
    private const int MaxName = 60;

    /// <summary>The first so many agents; where there are fewer, they come again in turn under numbers of their own.</summary>
    public static TeamSpec Of(TeamSpec team, SweepSetting setting)
    {
        ArgumentNullException.ThrowIfNull(team);
        ArgumentNullException.ThrowIfNull(setting);
        var own = team.Agents;
        return team with
        {
            Name = NameOf(team, setting),
            Agents = [.. Enumerable.Range(0, setting.Agents).Select(i => own[i % own.Length] with
            {
                Name = i < own.Length ? own[i].Name : string.Create(CultureInfo.InvariantCulture, $"Agent {i + 1}"), MaxTokens = setting.Tokens,
            })],
            Lead = team.Lead is { } lead ? lead with { MaxTokens = setting.Tokens } : null,
        };
    }

    /// <summary>What the team is called there: its runs are found by it.</summary>
    public static string NameOf(TeamSpec team, SweepSetting setting)
    {
        ArgumentNullException.ThrowIfNull(team);
        ArgumentNullException.ThrowIfNull(setting);
        var name = team.Name.Length <= MaxName ? team.Name : team.Name[..MaxName];
        return string.Create(CultureInfo.InvariantCulture, $"{name} · {setting.Agents} × {setting.Tokens} tokens · {setting.Concurrency} at once");
    }
}
