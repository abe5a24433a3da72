using Microsoft.AspNetCore.Components;
using MuseWorkbench.Agents.Pool;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Pool;

/// <summary>One member of the pool: where it stands, what it does, and what can be done with it.</summary>
public sealed partial class MemberCard
{
    private const string Unknown = "–";

    [Parameter, EditorRequired] public required MemberView Member { get; set; }
    [Parameter] public bool CanRemove { get; set; }
    [Parameter] public DateTimeOffset Now { get; set; }
    [Parameter] public EventCallback OnDrain { get; set; }
    [Parameter] public EventCallback OnRestart { get; set; }
    [Parameter] public EventCallback OnRemove { get; set; }

    private (string Text, string Class, string Tip) State => Member switch
    {
        { Draining: true, Occupants.Length: > 0 } => ("draining", "warn", "It finishes its agents and takes no new ones"),
        { Draining: true } => ("drained", "warn", "It takes no agents"),
        { Status.Phase: MemberPhase.Starting } => ("starting", "warn", Member.IsLocal ? "It starts" : "It is being asked what it can do"),
        { Status.Phase: MemberPhase.Unreachable } => ("unreachable", "bad", "It does not answer as it should; it is asked again"),
        { Status.Phase: MemberPhase.Failed } => ("failed", "bad", "It can't work as it is set up"),
        { Status.Phase: MemberPhase.Asleep } => ("asleep", "", "It is started where agents need it"),
        { Status.Phase: MemberPhase.Stopped } => ("stopped", "bad", "It does not run"),
        { Breaker: BreakerState.Open } => ("paused", "bad", "It failed several calls in a row: none are sent to it for a while"),
        { Breaker: BreakerState.HalfOpen } => ("on trial", "warn", "One call is sent to it, to see whether it works again"),
        _ => ("ready", "ok", "It takes agents"),
    };

    private string? Reason => Member switch
    {
        { Status: { Phase: not (MemberPhase.Ready or MemberPhase.Starting), Reason: { } reason } } => reason,
        { Breaker: BreakerState.Open, BreakerUntil: { } until } => $"{Member.LastFailure} Tried again {(until > Now ? $"in {Math.Ceiling((until - Now).TotalSeconds):0} s" : "with the next agent")}.",
        _ => null,
    };

    private string? KindName => Member.Status.Kind switch
    {
        // Nothing is known of one that was never reached.
        _ when !Member.IsLocal && Member.Status.Models.IsDefaultOrEmpty => null,
        MemberKind.Node when Member.IsLocal => "local engine",
        MemberKind.Node => "engine node",
        MemberKind.LlamaServer => "llama-server",
        MemberKind.Vllm => "vLLM",
        MemberKind.SGLang => "SGLang",
        _ => "OpenAI-compatible",
    };

    private string ModelName => Member.Status.Models is [var first, ..] ? $"{first.Id}{(first.Vision ? "" : " (text only)")}" : Unknown;

    private string Agents
    {
        get
        {
            var running = Math.Max(Member.Occupants.Length, Member.Latest?.Running ?? 0);
            var rows = Member.Latest?.RowCapacity is > 0 and var capacity ? capacity : Member.Status.Rows;
            var waiting = Member.Latest?.Waiting ?? 0;
            return $"{Fmt.Count(running)}{(rows is { } most ? $" of {Fmt.Count(most)}" : "")}{(waiting > 0 ? $" + {Fmt.Count(waiting)}" : "")}";
        }
    }

    private string Rate => Member.Latest is { IntervalMs: > 0 } latest ? $"{Fmt.Rate(latest.IntervalGenerated * 1000 / latest.IntervalMs)} tok/s" : Unknown;

    private string KvFree => Member.Latest?.Kv is { Capacity: > 0 } kv ? Fmt.Percent((double)(kv.Capacity - kv.Shared - kv.Private) / kv.Capacity) : Unknown;

    private string Hits => Member.Latest?.Counters switch
    {
        { PrefixQueries: > 0 } counters => Fmt.Percent((double)counters.PrefixHits / counters.PrefixQueries),
        { PromptTokens: > 0, PromptTokensCached: > 0 } counters => Fmt.Percent((double)counters.PromptTokensCached / counters.PromptTokens),
        _ => Unknown,
    };

    private string Failures => Member.Served + Member.Failed == 0 ? Unknown : $"{Fmt.Count(Member.Failed)} of {Fmt.Count(Member.Served + Member.Failed)}";
}
