using System.Collections.Immutable;
using MuseWorkbench.Web.Features.Workbench.State;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Workbench.Panels;

/// <summary>The lanes of a run. <see cref="SpanMs"/> is the whole axis in milliseconds; parts are shares of it, 0 to 1.</summary>
public sealed record TimelineModel(double SpanMs, ImmutableArray<TimelineLane> Lanes)
{
    public static TimelineModel Empty { get; } = new(0, []);

    public static TimelineModel From(RunViewModel run)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (run.StartedAt is not { } start)
        {
            return Empty;
        }

        // The end the engine measured may lie a little before the last event; no lane may leave the axis.
        var now = run.AsOf ?? run.LastAt;
        var span = Math.Max((now - start).TotalMilliseconds, 1);
        return new TimelineModel(span, [.. run.Agents.Select(agent => Lane(agent, start, now, span))]);
    }

    private static TimelineLane Lane(AgentViewModel agent, DateTimeOffset start, DateTimeOffset now, double span)
    {
        var parts = ImmutableArray.CreateBuilder<TimelinePart>();
        var end = agent.FinishedAt ?? now;
        Add("q", agent.StartedAt, agent.PrefillAt ?? agent.FirstTokenAt ?? end, "queued");
        Add("p", agent.PrefillAt, agent.FirstTokenAt ?? end, agent.Prefill is { Cached: > 0 } prefill ? $"prefill, {Fmt.Count(prefill.Cached)} of {Fmt.Count(prefill.Total)} tokens shared" : "prefill");
        Add("t", agent.FirstTokenAt, agent.AnswerAt ?? end, "thinking");
        Add("a", agent.AnswerAt, end, "answer");
        foreach (var tool in agent.ToolSpans)
        {
            Add("x", tool.From, tool.To ?? end, "tool");
        }

        return new TimelineLane(agent.Index, agent.Number, agent.Name, agent.Colour, parts.ToImmutable());

        void Add(string kind, DateTimeOffset? from, DateTimeOffset to, string what)
        {
            if (from is { } begin && to > begin)
            {
                var first = Math.Clamp((begin - start).TotalMilliseconds / span, 0, 1);
                var last = Math.Clamp((to - start).TotalMilliseconds / span, first, 1);
                parts.Add(new TimelinePart(kind, parts.Count, first, last, $"{agent.Name}: {what}, {Fmt.Ms((to - begin).TotalMilliseconds)}"));
            }
        }
    }
}

public sealed record TimelineLane(int Agent, string Number, string Name, string Colour, ImmutableArray<TimelinePart> Parts)
{
    public string Text => Parts.IsEmpty ? $"{Name}: not started" : string.Join("; ", Parts.Select(part => part.Text));
}

/// <param name="Kind">q queued, p prefill, t thinking, a answer, x tool: also its class.</param>
public sealed record TimelinePart(string Kind, int Ordinal, double From, double To, string Text);
