using System.Collections.Immutable;
using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Pool;

/// <summary>A member as the pool keeps it: who works there, how it fares, whether it takes more. Touched under the pool's lock only.</summary>
internal sealed class PoolSeat(IPoolMember member, TimeProvider time)
{
    /// <summary>Prefixes it is thought to hold: as many as an engine of ours pins by default.</summary>
    private const int Prefixes = 32;

    /// <summary>What a new measurement weighs.</summary>
    private const double Newest = 0.2;

    private readonly StepMeter _steps = new();
    private MemberPhase _phase = member.Status.Phase;
    private DateTimeOffset? _seen;
    private double? _prefillPerSecond;

    public IPoolMember Member { get; } = member;
    public CircuitBreaker Breaker { get; } = new(time);
    public PrefixMemory Cached { get; } = new(Prefixes);
    public List<PoolLease> Leases { get; } = [];
    public bool Draining { get; set; }
    public long Served { get; set; }
    public long Failed { get; set; }
    public string? LastFailure { get; set; }

    /// <summary>When an agent last came or went.</summary>
    public DateTimeOffset? LastUsed { get; set; }

    public bool IsReady => !Draining && Member.Status.Phase == MemberPhase.Ready && Breaker.Allows;

    public bool IsComing => !Draining && Member.Status.Phase == MemberPhase.Starting;

    /// <summary>Whether it is started where an agent needs it.</summary>
    public bool IsAsleep => !Draining && Member.Status.Phase == MemberPhase.Asleep;

    /// <summary>Whether it can serve the request at all, or may, once it says what it serves.</summary>
    public bool Serves(AgentPlace place) =>
        !place.Except.Contains(Member.Name)
        && (Member.Status.Models.IsDefaultOrEmpty || Member.Status.Models.Any(model => Fits(model, place)));

    /// <summary>What it says of a model by its id; of its first one where that is null; null for nothing.</summary>
    public ModelInfo? ModelOf(string? id) =>
        Member.Status.Models.IsDefaultOrEmpty ? null : Member.Status.Models.FirstOrDefault(model => id is null || model.Id == id);

    /// <summary>Takes in what the member last told: of its steps, and that it began anew, with an empty cache and a clean record.</summary>
    public void Notice()
    {
        if (Member.Status.Phase == MemberPhase.Ready && _phase != MemberPhase.Ready)
        {
            Breaker.Succeeded();
            Cached.Clear();
        }

        _phase = Member.Status.Phase;

        if (Member.Latest is { } latest && latest.At != _seen)
        {
            _seen = latest.At;
            if (latest.IntervalSteps > 0 && latest.IntervalPrefilled == 0)
                _steps.Note(latest.MeanRows, latest.StepMeanMs);
        }
    }

    /// <summary>Takes in a call that ended well.</summary>
    public void Learn(TokenUsage turn, AgentTimings timings)
    {
        if (turn.PromptTokens - turn.CachedTokens is >= 32 and var computed && timings.PrefillMs > 0)
        {
            var rate = computed * 1000 / timings.PrefillMs;
            _prefillPerSecond = _prefillPerSecond is { } before ? before + (Newest * (rate - before)) : rate;
        }

        // Servers that tell nothing of their steps: a step is the time between an agent's tokens.
        if (Member.Latest is not { IntervalSteps: > 0 } && timings.TokensPerSecond > 0)
            _steps.Note(Math.Max(1, Leases.Count), 1000 / timings.TokensPerSecond);
    }

    public MemberLoad Load(ulong prefix)
    {
        var latest = Member.Latest;
        var (rows, agents) = (MemberLoad.RowsOf(Member.Status, latest), MemberLoad.AgentsOf(Leases.Count, latest));
        var load = new MemberLoad
        {
            Name = Member.Name, Rows = rows, Running = Math.Min(agents, rows), Waiting = Math.Max(0, agents - rows),
            HasPrefix = Cached.Contains(prefix),
            FreeCells = latest?.Kv is { Capacity: > 0 } kv ? kv.Capacity - kv.Shared - kv.Private : null,
        };
        return load with { Step = _steps.Learned ?? load.Step, PrefillPerSecond = _prefillPerSecond ?? load.PrefillPerSecond };
    }

    public MemberView View(TimeProvider clock) => new(
        Member.Name, Member.Place, Member.IsLocal, Member.Status, Member.Latest, Draining, Breaker.State, Breaker.OpenUntil, Served, Failed, LastFailure,
        [.. Leases.Select(lease => new Occupant(lease.Place.Run, lease.Place.Agent, lease.Place.Name, lease.Since, clock.GetUtcNow() - lease.Since))],
        _steps.Learned, _prefillPerSecond) { LastUsed = LastUsed };

    private static bool Fits(ModelInfo model, AgentPlace place) =>
        (place.Model is null || place.Model == model.Id) && (!place.Vision || model.Vision) && place.PromptTokensOn(model) < model.ContextLength;
}

/// <summary>A member as the page shows it.</summary>
/// <param name="Name">Unique in the pool.</param>
/// <param name="Place">Where it is.</param>
/// <param name="IsLocal">Whether it is a process of this workbench.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Latest">What it last told of its load.</param>
/// <param name="Draining">Whether it takes no new agents.</param>
/// <param name="Breaker">Whether requests are kept from it.</param>
/// <param name="BreakerUntil">Until when.</param>
/// <param name="Served">Calls that ended well, since the workbench started.</param>
/// <param name="Failed">Calls it failed.</param>
/// <param name="LastFailure">What it said, or what was said of it, the last time.</param>
/// <param name="Occupants">Who works there.</param>
/// <param name="Step">How long its steps take; null until seen.</param>
/// <param name="PrefillPerSecond">Prompt tokens it computes a second; null until seen.</param>
public sealed record MemberView(
    string Name, string Place, bool IsLocal, MemberStatus Status, EngineSnapshot? Latest, bool Draining, BreakerState Breaker, DateTimeOffset? BreakerUntil,
    long Served, long Failed, string? LastFailure, ImmutableArray<Occupant> Occupants, StepTime? Step, double? PrefillPerSecond)
{
    /// <summary>When an agent last came or went; null where none has.</summary>
    public DateTimeOffset? LastUsed { get; init; }

    /// <summary>Agents there, at work or waiting, others' among them.</summary>
    public int Agents => MemberLoad.AgentsOf(Occupants.Length, Latest);
}

/// <summary>An agent at work on a member.</summary>
public sealed record Occupant(Guid Run, int Agent, string Name, DateTimeOffset Since, TimeSpan For);
