using System.Collections.Immutable;
using System.Globalization;
using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Cases;

/// <summary>
/// Makes a case of a recorded run: its question, with an answer to be confirmed as the expected one. The id follows from
/// the run, so that promoting twice keeps one case.
/// </summary>
public static class CasePromotion
{
    /// <summary>The run's question and final answer; a tie or no answer leaves the expected one open.</summary>
    /// <param name="events">The run's events, in order.</param>
    /// <returns>Null where the events don't begin a run.</returns>
    public static Case? FromRun(IReadOnlyList<RunEvent> events)
    {
        if (Begin(events) is not { } started)
            return null;
        var final = events.OfType<FinalAnswer>().LastOrDefault();
        var isOpen = final is null or { Outcome: FinalOutcome.NoAnswer or FinalOutcome.Tie };
        return Create(started, Id(started.RunId), isOpen ? null : final!.Answer, [], new() { RunId = started.RunId });
    }

    /// <summary>The run's question with what one agent answered and where it said that is.</summary>
    /// <param name="agent">Its index in the run.</param>
    /// <returns>Null where the events don't begin a run or the agent has no finished answer in them.</returns>
    public static Case? FromAgent(IReadOnlyList<RunEvent> events, int agent)
    {
        if (Begin(events) is not { } started || events.OfType<AgentFinished>().LastOrDefault(e => e.Agent == agent) is not { Outcome: not AgentOutcome.Failed } finished)
            return null;
        // What an agent had named before it began again does not count.
        var begun = events.OfType<AgentStarted>().LastOrDefault(e => e.Agent == agent)?.Seq ?? 0;
        var regions = events.OfType<RegionFound>()
            .Where(e => e.Agent == agent && e.Seq > begun && e.Channel == TextChannel.Answer)
            .OrderBy(e => e.Ordinal).Select(e => e.Region);
        return Create(started, string.Create(CultureInfo.InvariantCulture, $"{Id(started.RunId)}-agent-{agent + 1}"), finished.Answer, [.. regions], new() { RunId = started.RunId, Agent = agent });
    }

    private static RunStarted? Begin(IReadOnlyList<RunEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        return events.OfType<RunStarted>().FirstOrDefault();
    }

    private static string Id(Guid run) => $"run-{run:N}";

    private static Case Create(RunStarted started, string id, string? expected, ImmutableArray<Region> regions, CaseProvenance provenance) => CaseRules.Normalise(new Case
    {
        Id = id,
        Prompt = started.Request.Prompt,
        Images = started.Request.Images,
        Expected = expected,
        Regions = [.. regions.Take(CaseLimits.Regions)],
        // Of several tables none is the case's.
        Table = started.Request.Tables is [var only] ? only.Csv : null,
        Provenance = provenance,
    });
}
