using System.Collections.Immutable;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.State;

namespace MuseWorkbench.Web.Features.Workbench.Course;

/// <summary>What was going on at one moment of a run.</summary>
/// <param name="Ms">Milliseconds after its start.</param>
/// <param name="Lanes">Each agent at that moment.</param>
/// <param name="Engine">The engine at that moment; null where it is not recorded.</param>
public sealed record RunMoment(double Ms, ImmutableArray<LaneMoment> Lanes, EngineSampled? Engine)
{
    public static RunMoment At(RunViewModel run, double ms)
    {
        ArgumentNullException.ThrowIfNull(run);
        var at = (run.StartedAt ?? default).AddMilliseconds(ms);
        return new RunMoment(
            ms, [.. run.Agents.Select(agent => LaneMoment.At(agent, at))],
            run.Engine.FirstOrDefault(sample => sample.At >= at) ?? (run.Engine.Count > 0 ? run.Engine[^1] : null));
    }
}

/// <summary>An agent at one moment: what it did, and the words it was writing.</summary>
/// <param name="Agent">The agent.</param>
/// <param name="Doing">In a word.</param>
/// <param name="Before">The words just before.</param>
/// <param name="Now">Those that came with the latest tokens; empty where none were coming.</param>
public sealed record LaneMoment(AgentViewModel Agent, string Doing, string Before, string Now)
{
    /// <summary>Text is written down every 30 ms; an agent silent for longer than this writes nothing at the moment.</summary>
    private static readonly TimeSpan s_fresh = TimeSpan.FromMilliseconds(400);

    /// <summary>Characters of text before the moment.</summary>
    private const int Context = 140;

    public static LaneMoment At(AgentViewModel agent, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(agent);
        var phase = agent.Phases.LastOrDefault(span => span.From <= at);
        var over = phase is null || agent.FinishedAt <= at;
        var last = LastBefore(agent.Said, at);
        var (before, now) = ("", "");
        if (last >= 0)
        {
            var mark = agent.Said[last];
            var text = (mark.Channel == TextChannel.Reasoning ? agent.Reasoning : agent.Answer).ToString();
            var end = Math.Min(mark.Start + mark.Length, text.Length);
            var fresh = !over && at - mark.At < s_fresh && phase!.Phase is AgentPhase.Thinking or AgentPhase.Answering;
            var from = fresh ? Math.Min(mark.Start, end) : end;
            now = text[from..end];
            before = text[Math.Max(0, from - Context)..from];
        }

        return new LaneMoment(agent, over ? Ended(agent, at) : Word(phase!.Phase), before, now);
    }

    private static string Ended(AgentViewModel agent, DateTimeOffset at) =>
        agent.FinishedAt <= at ? agent.Phase switch
        {
            AgentPhase.Stopped => "cancelled",
            AgentPhase.Failed => "failed",
            AgentPhase.LengthLimit => "cut short",
            _ => "done",
        } : "not started";

    private static string Word(AgentPhase phase) => phase switch
    {
        AgentPhase.Queued => "queued",
        AgentPhase.Prefilling => "prefill",
        AgentPhase.Tool => "tool",
        AgentPhase.Answering => "answering",
        _ => "thinking",
    };

    private static int LastBefore(IReadOnlyList<TextMark> marks, DateTimeOffset at)
    {
        var (low, high) = (0, marks.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = marks[middle].At <= at ? (middle + 1, high) : (low, middle);
        }

        return low - 1;
    }
}
