using System.Collections.Immutable;
using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Pool;

/// <summary>
/// Makes many servers look like one. Each agent is placed on a member that can serve it; the agents of one stage of a run are
/// planned together. A member that fails is avoided for a while, one that is drained gets no more agents. Thread-safe.
/// </summary>
/// <param name="policy">Name of the placement policy, <see cref="PlacementPolicies"/>.</param>
/// <param name="time">The clock.</param>
/// <exception cref="ArgumentException">There is no such policy.</exception>
public sealed class AgentPool(string policy, TimeProvider time) : IAgentClients
{
    /// <summary>What an agent is thought to generate before any was seen.</summary>
    private const int FirstGuess = 128;

    private readonly Lock _lock = new();
    private readonly IPlacementPolicy _policy = PlacementPolicies.Create(policy, Environment.TickCount);
    private readonly Dictionary<(Guid Run, int Stage, string? Model), Queue<(PoolSeat Seat, AgentPlaced? Why)>> _plans = [];
    private ImmutableArray<PoolSeat> _seats = [];
    private readonly PoolWaits _waits = new(time);
    private double _answerTokens = FirstGuess;

    /// <summary>Raised on any thread when a member, its state or who works there changed.</summary>
    public event Action? Changed;

    public string Policy => _policy.Name;

    /// <summary>How long an agent waits for a member to be started that is asleep.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Tokens an agent generates, in the mean of those seen lately.</summary>
    public double AnswerTokens
    {
        get
        {
            lock (_lock)
                return _answerTokens;
        }
    }

    /// <summary>Agents that no member can take until one was started, longest wait first.</summary>
    public ImmutableArray<WaitingAgent> Waiting
    {
        get
        {
            lock (_lock)
                return _waits.View(_seats);
        }
    }

    /// <summary>The members as they are now, in the order they were added.</summary>
    public ImmutableArray<MemberView> Members
    {
        get
        {
            lock (_lock)
                return [.. _seats.Select(seat => seat.View(time))];
        }
    }

    /// <exception cref="ArgumentException">There is one of that name.</exception>
    public void Add(IPoolMember member)
    {
        ArgumentNullException.ThrowIfNull(member);
        lock (_lock)
        {
            if (Find(member.Name) is not null)
                throw new ArgumentException($"There is a member \"{member.Name}\" already.");
            _seats = _seats.Add(new PoolSeat(member, time));
        }

        member.Changed += OnMemberChanged;
        RaiseChanged();
    }

    /// <summary>Takes a member out; agents at work there go on to their end. Null where there is none of that name.</summary>
    public IPoolMember? Remove(string name)
    {
        IPoolMember? member;
        lock (_lock)
        {
            if (Find(name) is not { } seat)
                return null;
            (seat.Draining, member) = (true, seat.Member);
            _seats = _seats.Remove(seat);
        }

        member.Changed -= OnMemberChanged;
        RaiseChanged();
        return member;
    }

    /// <summary>The member of that name; null where there is none.</summary>
    public IPoolMember? Get(string name)
    {
        lock (_lock)
            return Find(name)?.Member;
    }

    /// <summary>Every member.</summary>
    public ImmutableArray<IPoolMember> All
    {
        get
        {
            lock (_lock)
                return [.. _seats.Select(seat => seat.Member)];
        }
    }

    /// <summary>What is known of a model by its id; of the first one served where that is null; null for nothing.</summary>
    public ModelInfo? ModelOf(string? id)
    {
        lock (_lock)
            return _seats.Select(seat => seat.ModelOf(id)).FirstOrDefault(model => model is not null);
    }

    /// <summary>The members a run's agents are on now.</summary>
    public ImmutableArray<IPoolMember> MembersOf(Guid run)
    {
        lock (_lock)
            return [.. _seats.Where(seat => seat.Leases.Any(lease => lease.Place.Run == run)).Select(seat => seat.Member)];
    }

    /// <summary>A drained member finishes its agents and takes no new ones. False where there is none of that name.</summary>
    public bool Drain(string name, bool draining)
    {
        lock (_lock)
        {
            if (Find(name) is not { } seat)
                return false;
            seat.Draining = draining;
        }

        RaiseChanged();
        return true;
    }

    public async ValueTask<AgentEndpoint> GetAsync(string? model, CancellationToken cancellationToken)
    {
        // Nobody's agent: it holds no place, and counts nowhere.
        var place = new AgentPlace { Run = Guid.Empty, Agent = 0, Model = model };
        var (seat, _) = await ChooseAsync(place, cancellationToken);
        return await seat.Member.ConnectAsync(model, cancellationToken);
    }

    public async ValueTask<AgentLease> PlaceAsync(AgentPlace place, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(place);
        var (seat, why) = await ChooseAsync(place, cancellationToken);
        AgentEndpoint endpoint;
        try
        {
            endpoint = await seat.Member.ConnectAsync(place.Model, cancellationToken);
        }
        catch
        {
            lock (_lock)
                ForgetPlans(place.Run);
            throw;
        }

        return Lease(seat, place, endpoint, why);
    }

    /// <summary>A place on the member whose process ended under the agent, in its next process; null where there is none to wait for.</summary>
    /// <exception cref="ChatClientException">It does not run again.</exception>
    internal async ValueTask<PoolLease?> PlaceAgainAsync(PoolLease ended, CancellationToken cancellationToken) =>
        await ended.Seat.Member.ConnectAgainAsync(ended.Endpoint, cancellationToken) is { } endpoint ? Lease(ended.Seat, ended.Place, endpoint, null) : null;

    private PoolLease Lease(PoolSeat seat, AgentPlace place, AgentEndpoint endpoint, AgentPlaced? why)
    {
        var lease = new PoolLease(this, seat, place, endpoint, why, time.GetUtcNow());
        lock (_lock)
        {
            seat.Leases.Add(lease);
            seat.LastUsed = time.GetUtcNow();
            lease.IsProbe = seat.Breaker.Sent();
            seat.Cached.Use(place.Prefix);
        }

        RaiseChanged();
        return lease;
    }

    internal void Failed(PoolLease lease, ChatClientException failure)
    {
        lock (_lock)
        {
            if (!failure.IsServers)
                return;

            lease.Seat.Failed++;
            lease.Seat.LastFailure = failure.Message;
            lease.Seat.Breaker.Failed(failure);
        }

        RaiseChanged();
    }

    internal void Served(PoolLease lease, TokenUsage turn, AgentTimings timings)
    {
        lock (_lock)
        {
            lease.Seat.Served++;
            lease.Seat.Breaker.Succeeded();
            lease.Seat.Learn(turn, timings);
            _answerTokens += 0.05 * (turn.GeneratedTokens - _answerTokens);
        }
    }

    internal void Return(PoolLease lease)
    {
        lock (_lock)
        {
            if (lease.IsProbe)
                lease.Seat.Breaker.Withdrawn();
            if (!lease.Seat.Leases.Remove(lease))
                return;
            lease.Seat.LastUsed = time.GetUtcNow();
            ForgetPlans(lease.Place.Run);
        }

        RaiseChanged();
    }

    // What was planned for a run's agents that never came is of no use once none is left.
    private void ForgetPlans(Guid run)
    {
        if (_seats.Any(seat => seat.Leases.Any(lease => lease.Place.Run == run)))
            return;
        foreach (var plan in _plans.Keys.Where(key => key.Run == run).ToArray())
            _plans.Remove(plan);
    }

    private async ValueTask<(PoolSeat Seat, AgentPlaced? Why)> ChooseAsync(AgentPlace place, CancellationToken cancellationToken)
    {
        var wait = new PoolWaits.Entry(place);
        try
        {
            return await ChooseAsync(wait, cancellationToken);
        }
        finally
        {
            if (wait.Since is not null)
            {
                lock (_lock)
                    _waits.End(wait);
                Changed?.Invoke();
            }
        }
    }

    private async ValueTask<(PoolSeat Seat, AgentPlaced? Why)> ChooseAsync(PoolWaits.Entry wait, CancellationToken cancellationToken)
    {
        var place = wait.Place;
        while (true)
        {
            PoolSeat? coming;
            Task changed;
            bool begins;
            lock (_lock)
            {
                if (TryChoose(place) is { } chosen)
                    return chosen;
                (coming, changed) = (FindComing(place), _waits.Changed);
                begins = coming is null && _waits.Begin(wait);
            }

            if (begins)
                Changed?.Invoke();
            if (coming is null)
            {
                await WaitAsync(wait, changed, cancellationToken);
                continue;
            }

            var endpoint = await coming.Member.ConnectAsync(place.Model, cancellationToken);
            if (place.Vision && !endpoint.Model.Vision)
                throw new ChatClientException(ChatFailure.Rejected, $"\"{endpoint.ModelId}\" can't be shown images.");
            lock (_lock)
            {
                if (!coming.IsReady || !coming.Serves(place))
                    return (coming, null);
            }
        }
    }

    /// <summary>A member that is about to be ready for the agent; null where one has to be started for it first.</summary>
    /// <exception cref="ChatClientException">There is neither.</exception>
    private PoolSeat? FindComing(AgentPlace place)
    {
        if (_seats.FirstOrDefault(seat => seat.IsComing && seat.Serves(place)) is { } coming)
            return coming;
        if (_seats.Any(seat => seat.IsAsleep && seat.Serves(place)))
            return null;
        // A pool of one is asked itself: it knows best why it can't. One of ours that failed others is being started again, or soon will be.
        return _seats is [var only] && !only.Draining && (only.Breaker.Allows || only.Member.IsLocal) && place.Except.IsEmpty
            ? only : throw NoPlace.For(place, _seats);
    }

    /// <summary>Waits until something changed in the pool, for as long as the agent still may.</summary>
    private async Task WaitAsync(PoolWaits.Entry wait, Task changed, CancellationToken cancellationToken)
    {
        var left = wait.Since!.Value + Patience - time.GetUtcNow();
        try
        {
            await changed.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            ChatClientException why;
            lock (_lock)
                why = NoPlace.For(wait.Place, _seats);
            throw new ChatClientException(ChatFailure.Unreachable, $"No engine was started within {Patience.TotalSeconds:0} s. {why.Message}");
        }
    }

    private void RaiseChanged()
    {
        lock (_lock)
            _waits.Signal();
        Changed?.Invoke();
    }

    private (PoolSeat Seat, AgentPlaced? Why)? TryChoose(AgentPlace place)
    {
        PoolSeat[] able = [.. _seats.Where(seat => seat.IsReady && seat.Serves(place))];
        if (able.Length == 0)
            return null;
        var key = (place.Run, place.Stage, place.Model);
        if (place.Except.IsEmpty && _plans.TryGetValue(key, out var planned))
        {
            while (planned.TryDequeue(out var next))
            {
                if (able.Contains(next.Seat))
                    return next;
            }
        }

        if (_seats.Length == 1)
            return (able[0], null);
        foreach (var seat in able)
            seat.Notice();
        var agents = place.Except.IsEmpty && !_plans.ContainsKey(key) ? Math.Max(1, place.Together) : 1;
        var answer = (int)Math.Clamp(_answerTokens, 1, Math.Max(1, place.MaxTokens));
        var plan = Placer.Plan(
            _policy, new PlacementRequest(place.Prefix, agents, able.Max(seat => place.PromptTokensOn(seat.ModelOf(place.Model))), answer), [.. able.Select(seat => seat.Load(place.Prefix))]);
        var queue = new Queue<(PoolSeat, AgentPlaced?)>(plan.Members.Select(index => (able[index], (AgentPlaced?)new AgentPlaced
        {
            Agent = place.Agent, Server = able[index].Member.Name, Policy = _policy.Name, EstimatedMs = plan.EstimatedMs, Options = plan.Options, Split = plan.IsSplit,
        })));
        var first = queue.Dequeue();
        if (place.Except.IsEmpty && place.Run != Guid.Empty)
            _plans[key] = queue;
        return first;
    }

    private PoolSeat? Find(string name) => _seats.FirstOrDefault(seat => seat.Member.Name == name);

    private void OnMemberChanged()
    {
        lock (_lock)
        {
            foreach (var seat in _seats)
                seat.Notice();
        }

        RaiseChanged();
    }
}
