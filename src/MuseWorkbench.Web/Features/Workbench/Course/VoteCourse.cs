using System.Collections.Immutable;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.State;

namespace MuseWorkbench.Web.Features.Workbench.Course;

/// <summary>How the vote came about: what had been said when, stacked by answer, and who led.</summary>
/// <param name="SpanMs">The axis in milliseconds.</param>
/// <param name="Top">The top of the scale: most votes (or weight) at any time, those still open included.</param>
/// <param name="Bands">The answers of the last tally, most votes first, each with its course.</param>
/// <param name="Casts">Votes in the order they came.</param>
/// <param name="EarlyStopMs">When the strategy had enough and stopped agents; null where it did not.</param>
public sealed record VoteCourse(double SpanMs, double Top, ImmutableArray<VoteBand> Bands, ImmutableArray<VoteCast> Casts, double? EarlyStopMs)
{
    /// <summary>Answers with a band of their own; the rest are drawn as one.</summary>
    public const int MostBands = 6;

    public static VoteCourse From(RunViewModel run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var start = run.StartedAt ?? default;
        var axis = new TimeAxis(start, Math.Max(((run.AsOf ?? run.LastAt) - start).TotalMilliseconds, 1));
        var steps = run.Votes;
        var top = steps.Select(step => step.Options.Sum(option => option.Strength)).DefaultIfEmpty(0).Max();
        var keys = steps.Count == 0 ? [] : steps[^1].Options.Select(option => option.Normalised).ToArray();
        var shown = keys.Take(keys.Length > MostBands ? MostBands - 1 : MostBands).ToArray();
        var bands = ImmutableArray.CreateBuilder<VoteBand>();
        for (var i = 0; i < shown.Length; i++)
        {
            bands.Add(Band(steps, axis, i, steps[^1].Options[i], shown));
        }

        if (keys.Length > shown.Length)
        {
            bands.Add(Band(steps, axis, shown.Length, null, shown));
        }

        var early = run.Agents.Where(agent => agent.StoppedEarly is not null).Select(agent => axis.MsOf(agent.StoppedEarly!.At)).DefaultIfEmpty(double.NaN).Min();
        return new VoteCourse(axis.SpanMs, Math.Max(top, 1), bands.ToImmutable(), [.. CastsOf(run, steps, axis)], double.IsNaN(early) ? null : early);
    }

    /// <summary>Whoever is in a tally and was not in the one before has voted; a tally that lost votes is a new round's.</summary>
    private static IEnumerable<VoteCast> CastsOf(RunViewModel run, IReadOnlyList<VoteStep> steps, TimeAxis axis)
    {
        var known = new HashSet<int>();
        var leader = "";
        foreach (var step in steps)
        {
            var voters = step.Options.SelectMany(option => option.Agents).ToHashSet();
            var newRound = !known.IsSubsetOf(voters);
            if (newRound)
            {
                (known, leader) = ([], "");
            }

            foreach (var option in step.Options)
            {
                foreach (var agent in option.Agents.Where(agent => known.Add(agent) && agent >= 0 && agent < run.Agents.Length))
                {
                    var leads = step.Options.Length > 1 && step.Options[1].Strength >= step.Options[0].Strength ? "" : step.Options[0].Normalised;
                    yield return new VoteCast(axis.MsOf(step.At), run.Agents[agent], option.Answer, option.Normalised)
                    {
                        Leader = leads == leader ? null : leads.Length == 0 ? "a tie" : step.Options[0].Answer,
                        OpensRound = newRound,
                    };
                    (leader, newRound) = (leads, false);
                }
            }
        }
    }

    /// <param name="steps">The tallies.</param>
    /// <param name="axis">The time axis.</param>
    /// <param name="index">The band's place, from the bottom.</param>
    /// <param name="option">Its answer; null for the rest.</param>
    /// <param name="shown">Answers with bands of their own.</param>
    private static VoteBand Band(IReadOnlyList<VoteStep> steps, TimeAxis axis, int index, VoteOption? option, string[] shown)
    {
        var points = ImmutableArray.CreateBuilder<VotePoint>();
        foreach (var step in steps)
        {
            var below = shown.Take(index).Sum(key => StrengthOf(step, key));
            var own = option is not null ? StrengthOf(step, option.Normalised) : step.Options.Where(o => !shown.Contains(o.Normalised)).Sum(o => o.Strength);
            points.Add(new VotePoint(axis.MsOf(step.At), below, below + own));
        }

        return new VoteBand(index, option?.Answer ?? "other answers", option?.Agents ?? [], points.ToImmutable());
    }

    private static double StrengthOf(VoteStep step, string normalised) =>
        step.Options.FirstOrDefault(option => option.Normalised == normalised)?.Strength ?? 0;
}

/// <summary>One answer's share of the stack over time.</summary>
public sealed record VoteBand(int Index, string Answer, ImmutableArray<int> Agents, ImmutableArray<VotePoint> Points);

/// <summary>From this moment on the band lies between these heights, in votes (or weight).</summary>
public readonly record struct VotePoint(double Ms, double Low, double High);

/// <summary>A vote: when, whose, for what.</summary>
public sealed record VoteCast(double Ms, AgentViewModel Agent, string Answer, string Normalised)
{
    /// <summary>Who leads from here on, where that changed with it; null where not.</summary>
    public string? Leader { get; init; }

    /// <summary>Whether a new round's tally begins with it.</summary>
    public bool OpensRound { get; init; }
}
