using System.Collections.Immutable;
using MuseWorkbench.Agents.Clients;

namespace MuseWorkbench.Agents.Pool;

/// <summary>An agent that waits for a member to be started.</summary>
/// <param name="Run">Its run.</param>
/// <param name="Agent">Its index there.</param>
/// <param name="Since">Since when.</param>
/// <param name="For">Names of the members that could serve it.</param>
public sealed record WaitingAgent(Guid Run, int Agent, DateTimeOffset Since, ImmutableArray<string> For);

/// <summary>The agents that no member can take until one was started, and what tells them that something changed. Touched under the pool's lock only.</summary>
internal sealed class PoolWaits(TimeProvider time)
{
    private readonly List<Entry> _entries = [];
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>Completes with the next <see cref="Signal"/>.</summary>
    public Task Changed => _changed.Task;

    /// <summary>The agent has to wait; false where it did so before.</summary>
    public bool Begin(Entry entry)
    {
        if (entry.Since is not null)
            return false;
        entry.Since = time.GetUtcNow();
        _entries.Add(entry);
        return true;
    }

    public void End(Entry entry) => _entries.Remove(entry);

    /// <summary>Has those that wait look again.</summary>
    public void Signal()
    {
        if (_entries.Count == 0)
            return;
        _changed.TrySetResult();
        _changed = NewSignal();
    }

    /// <summary>Those that wait, longest first.</summary>
    public ImmutableArray<WaitingAgent> View(ImmutableArray<PoolSeat> seats) => [.. _entries.Select(entry => new WaitingAgent(
        entry.Place.Run, entry.Place.Agent, entry.Since!.Value, [.. seats.Where(seat => (seat.IsAsleep || seat.IsComing) && seat.Serves(entry.Place)).Select(seat => seat.Member.Name)]))];

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>An agent that is being placed.</summary>
    internal sealed class Entry(AgentPlace place)
    {
        public AgentPlace Place => place;

        /// <summary>Since when it waits, and still does while the member that was started for it loads; null where it never had to.</summary>
        public DateTimeOffset? Since { get; set; }
    }
}
