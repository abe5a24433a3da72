using System.Collections.Immutable;
using System.Text;
using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Experiments;

/// <summary>What a cell asks for, as a run.</summary>
public static class CellAttempt
{
    /// <summary>Behind everything people ask.</summary>
    public const int Priority = 100;

    /// <summary>The run that answers a cell.</summary>
    public static RunRequest Request(Experiment experiment, ExperimentCell cell, Case @case)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        ArgumentNullException.ThrowIfNull(cell);
        ArgumentNullException.ThrowIfNull(@case);
        var team = experiment.Teams[cell.Team];
        return Request(@case, Seeded(team.Spec, cell.Seed, cell.Repeat), new ExperimentAttempt(experiment.Id, team.Hash, @case.Id, cell.Repeat));
    }

    /// <summary>A run of a sweep, found by its id as an experiment's are.</summary>
    public static RunRequest Request(Guid sweep, TeamSpec team, Case @case, uint seed)
    {
        ArgumentNullException.ThrowIfNull(@case);
        return Request(@case, Seeded(team, seed, repeat: 0), new ExperimentAttempt(sweep, "", @case.Id, 0));
    }

    /// <summary>The seed of a case at a repeat, the same for all teams: far from every other, since a run counts on from its own.</summary>
    public static uint Seed(uint seedBase, int @case, int repeat) =>
        (uint)(new Statistics.RandomStream(((ulong)seedBase << 32) ^ ((ulong)(uint)@case << 8) ^ (uint)repeat).Next() >> 33);

    /// <summary>The case's question, with its choices below, each under a letter.</summary>
    public static string Question(Case @case)
    {
        ArgumentNullException.ThrowIfNull(@case);
        if (@case.Choices.IsDefaultOrEmpty || @case.Choices.Length > 'Z' - 'A' + 1)
            return @case.Prompt;
        var text = new StringBuilder(@case.Prompt).Append('\n');
        for (var i = 0; i < @case.Choices.Length; i++)
            text.Append('\n').Append((char)('A' + i)).Append(". ").Append(@case.Choices[i]);
        return text.Append("\n\nAnswer with the letter of the right choice.").ToString().TrimStart();
    }

    private static RunRequest Request(Case @case, TeamSpec team, ExperimentAttempt attempt) => new()
    {
        Prompt = Question(@case), Images = @case.Images, Team = team, Priority = Priority,
        Tables = @case.Table is { } table ? [new TableFile("table.csv", table)] : null,
        Experiment = attempt,
    };

    // Seeds a team has of its own are kept at the first repeat and moved on by the same steps after.
    private static TeamSpec Seeded(TeamSpec team, uint from, int repeat)
    {
        return team with { Agents = [.. team.Agents.Select(With)], Lead = team.Lead is { } lead ? With(lead) : null };

        AgentSpec With(AgentSpec agent)
        {
            const uint Step = 1009;
            var seed = agent.Sampling.Seed is { } own ? unchecked(own + (uint)repeat * Step) : from;
            return agent with { Sampling = agent.Sampling with { Seed = seed } };
        }
    }
}
