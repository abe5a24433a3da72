using System.Collections.Immutable;
using MuseWorkbench.Web.Features.Workbench.State;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Workbench.Course;

/// <summary>The lanes of a run over what its engine did. <see cref="SpanMs"/> is the whole axis in milliseconds; places on it are shares, 0 to 1.</summary>
public sealed record TimelineModel(double SpanMs, ImmutableArray<TimelineLane> Lanes, ImmutableArray<EngineStrip> Strips)
{
    public static TimelineModel Empty { get; } = new(0, [], []);

    public static TimelineModel From(RunViewModel run)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (run.StartedAt is not { } start)
        {
            return Empty;
        }

        // The end the engine measured may lie a little before the last event; no lane may leave the axis.
        var now = run.AsOf ?? run.LastAt;
        var axis = new TimeAxis(start, Math.Max((now - start).TotalMilliseconds, 1));
        return new TimelineModel(axis.SpanMs, [.. run.Agents.Select(agent => Lane(agent, axis, now))], EngineStrip.From(run, axis));
    }

    private static TimelineLane Lane(AgentViewModel agent, TimeAxis axis, DateTimeOffset now)
    {
        var parts = ImmutableArray.CreateBuilder<TimelinePart>();
        foreach (var span in agent.Phases)
        {
            var (kind, what) = Describe(agent, span.Phase);
            Add(kind, span.From, span.To ?? agent.FinishedAt ?? now, what);
        }

        foreach (var move in agent.Moves)
        {
            Mark("r", move.At, $"its server failed; it {(move.Continued ? "went on" : "began again")} {(move.IsSameServer ? $"after a restart of {move.To}" : $"at {move.To}")}");
        }

        foreach (var resumption in agent.Resumptions)
        {
            Mark("r", resumption.At, $"its run was cut off; it went on behind {Fmt.Count(resumption.Tokens)} tokens");
        }

        if (agent is { StartedAt: not null, FinishedAt: { } ended, Phase: AgentPhase.Stopped or AgentPhase.Failed })
        {
            Mark("c", ended, agent.Phase == AgentPhase.Failed ? "failed" : agent.StoppedEarly is not null ? "cancelled, no longer needed" : "cancelled");
        }

        return new TimelineLane(agent.Index, agent.Number, agent.Name, agent.Colour, parts.ToImmutable());

        // Seen also at the end of the axis.
        void Mark(string kind, DateTimeOffset at, string what)
        {
            var from = Math.Min(axis.ShareOf(at), 1 - TimelinePart.MarkWidth);
            parts.Add(new TimelinePart(kind, parts.Count, from, from + TimelinePart.MarkWidth, $"{agent.Name}: {what} at {Fmt.Ms(axis.MsOf(at))}"));
        }

        void Add(string kind, DateTimeOffset from, DateTimeOffset to, string what)
        {
            if (to > from)
            {
                parts.Add(new TimelinePart(kind, parts.Count, axis.ShareOf(from), axis.ShareOf(to), $"{agent.Name}: {what}, {Fmt.Ms((to - from).TotalMilliseconds)}"));
            }
        }
    }

    private static (string Kind, string What) Describe(AgentViewModel agent, AgentPhase phase) => phase switch
    {
        AgentPhase.Queued => ("q", "queued"),
        AgentPhase.Prefilling => ("p", agent.Prefill is { Cached: > 0 } prefill ? $"prefill, {Fmt.Count(prefill.Cached)} of {Fmt.Count(prefill.Total)} tokens shared" : "prefill"),
        AgentPhase.Tool => ("x", "tool"),
        AgentPhase.Answering => ("a", "answer"),
        _ => ("t", "thinking"),
    };
}

/// <summary>From times to places on a run's axis.</summary>
public sealed record TimeAxis(DateTimeOffset Start, double SpanMs)
{
    /// <summary>Milliseconds after the start.</summary>
    public double MsOf(DateTimeOffset at) => (at - Start).TotalMilliseconds;

    /// <summary>0 at the start, 1 at the end; nothing lies outside.</summary>
    public double ShareOf(DateTimeOffset at) => Math.Clamp(MsOf(at) / SpanMs, 0, 1);
}

/// <summary>One agent's course.</summary>
public sealed record TimelineLane(int Agent, string Number, string Name, string Colour, ImmutableArray<TimelinePart> Parts)
{
    public string Text => Parts.IsEmpty ? $"{Name}: not started" : string.Join("; ", Parts.Select(part => part.Text));
}

/// <param name="Kind">q queued, p prefill, t thinking, a answer, x tool, r server failed, c cancelled: also its class.</param>
/// <param name="Ordinal">Its number within the lane.</param>
/// <param name="From">Where it begins, as a share of the axis.</param>
/// <param name="To">Where it ends.</param>
/// <param name="Text">What it is, in words.</param>
public sealed record TimelinePart(string Kind, int Ordinal, double From, double To, string Text)
{
    /// <summary>How wide a mark is that has no length of its own.</summary>
    public const double MarkWidth = 0.006;
}
