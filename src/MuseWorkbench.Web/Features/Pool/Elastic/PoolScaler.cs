using System.Collections.Immutable;
using MuseWorkbench.Agents.Pool;
using MuseWorkbench.Agents.Pool.Scaling;

namespace MuseWorkbench.Web.Features.Pool.Elastic;

/// <summary>
/// Looks at the groups of the pool four times a second and carries out what <see cref="NodeScaler"/> decides, one change at a time for nodes that share
/// memory. A start that failed is not tried again for 5, 10, 20 … s, five minutes at most.
/// </summary>
internal sealed class PoolScaler(AgentPool pool, TimeProvider time, ILogger<PoolScaler> logger) : BackgroundService
{
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    /// <summary>Decisions kept of each group.</summary>
    public const int MostNotes = 20;

    private static readonly TimeSpan s_shortestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(5);

    /// <summary>How old what is known of free memory may be.</summary>
    private static readonly TimeSpan s_fitFor = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly NodeScaler _scaler = new(time);
    private readonly Dictionary<string, Task> _changes = [];
    private ImmutableArray<Group> _groups = [];

    /// <summary>Raised on any thread when <see cref="Groups"/> changed.</summary>
    public event Action? Changed;

    /// <summary>The groups as they were last looked at.</summary>
    public ImmutableArray<GroupView> Groups
    {
        get
        {
            lock (_gate)
                return [.. _groups.Select(View)];
        }
    }

    public void Add(IElasticGroup group)
    {
        lock (_gate)
            _groups = _groups.Add(new Group(group));
    }

    /// <summary>Whether a member is one of several nodes that come and go.</summary>
    public IElasticGroup? GroupOf(string member) => _groups.FirstOrDefault(group => group.Nodes.Has(member))?.Nodes;

    /// <summary>Looks once, and begins what is to be done; returns what was begun and goes on.</summary>
    public async Task<Task> StepAsync(CancellationToken cancellationToken)
    {
        Observe();
        foreach (var group in _groups.Where(IsFitWanted))
            (group.Fit, group.FitAt) = (await group.Nodes.FitAsync(cancellationToken), time.GetUtcNow());
        Observe();
        foreach (var device in _groups.GroupBy(group => group.Nodes.Device ?? group.Nodes.Name))
        {
            if (_changes.GetValueOrDefault(device.Key) is { IsCompleted: false })
                continue;
            var free = device.Where(group => group.Fit is not null).MaxBy(group => group.FitAt)?.Fit!.Free;
            if (_scaler.Decide(new DeviceObservation(free, [.. device.Select(group => group.Seen!)])) is not { } decision)
                continue;
            var group = device.First(group => group.Nodes.Name == decision.Group);
            if (decision.Action == ScaleAction.Wait)
                Note(group, decision.Reason, isFault: true, once: true);
            else
                _changes[device.Key] = ChangeAsync(group, decision, cancellationToken);
        }

        return Task.WhenAll(_changes.Values);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_groups.IsEmpty)
            return;
        try
        {
            // Once, so that it is known early who shares memory with whom.
            await Task.WhenAll(_groups.Select(async group => group.Fit = await group.Nodes.FitAsync(stoppingToken)));
            while (true)
            {
                try
                {
                    await StepAsync(stoppingToken);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    logger.LookingFailed(e); // the nodes go on as they are, and the next look may do
                }

                await Task.Delay(Tick, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The workbench is stopping; its nodes end with it.
        }

        await Task.WhenAll(_changes.Values);
    }

    private void Observe()
    {
        var members = pool.Members;
        var waiting = Assign(pool.Waiting);
        var answer = pool.AnswerTokens;
        var now = time.GetUtcNow();
        var changed = false;
        foreach (var group in _groups)
        {
            if (Resume(group, now))
                members = pool.Members;
            var seen = group.Nodes.Observe(members, [.. waiting[group]], answer);
            lock (_gate)
            {
                seen = seen with { PausedUntil = group.PausedUntil };
                changed |= group.Seen is not { } before || Counts(before) != Counts(seen);
                group.Seen = seen;
            }
        }

        if (changed)
            Changed?.Invoke();
    }

    /// <summary>
    /// Each waiting agent counts for one group, though several might serve it: a local one before one elsewhere, which takes minutes
    /// and may never come; of those one that starts already, or else the first.
    /// </summary>
    private ILookup<Group, WaitingAgent> Assign(ImmutableArray<WaitingAgent> waiting) => waiting
        .Select(agent => (Agent: agent, Group: _groups.Where(group => agent.For.Any(group.Nodes.Has))
            .OrderByDescending(group => group.Nodes.IsLocal).ThenByDescending(group => group.Seen?.Nodes.Any(node => node.State == NodeState.Starting) ?? false).FirstOrDefault()))
        .Where(pair => pair.Group is not null)
        .ToLookup(pair => pair.Group!, pair => pair.Agent);

    private bool IsFitWanted(Group group) => group.PausedUntil is null && NodeScaler.MayGrow(group.Seen!) && !(time.GetUtcNow() - group.FitAt < s_fitFor)
        && _changes.GetValueOrDefault(group.Nodes.Device ?? group.Nodes.Name) is null or { IsCompleted: true };

    private async Task ChangeAsync(Group group, ScaleDecision decision, CancellationToken cancellationToken)
    {
        var starts = decision.Action == ScaleAction.Start;
        logger.NodeScales(decision.Action, decision.Group, decision.Node, decision.Reason);
        Note(group, $"{(starts ? "Starting" : "Stopping")} {Subject(group, decision.Node)}. {decision.Reason}");
        lock (_gate)
            group.Stopping = starts ? 0 : 1;
        try
        {
            var fault = starts
                ? await group.Nodes.StartAsync(decision.Node, decision.Reason, cancellationToken)
                : await group.Nodes.StopAsync(decision.Node, decision.Reason, cancellationToken);
            if (fault is null)
            {
                (group.Failures, group.FitAt) = (0, null);
                return;
            }

            logger.NodeNotScaled(decision.Group, decision.Node, fault);
            if (starts || !group.Nodes.IsLocal)
                Pause(group, fault);
            Note(group, $"{Subject(group, decision.Node)} was not {(starts ? "started" : "stopped")}. {fault}", isFault: true);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The workbench is stopping.
        }
        catch (Exception e)
        {
            logger.ScalingFailed(decision.Group, e);
            Pause(group, "It failed for a reason that the log tells.");
            Note(group, $"{Subject(group, decision.Node)}: scaling failed. {e.Message}", isFault: true);
        }
        finally
        {
            lock (_gate)
                group.Stopping = 0;
            Changed?.Invoke();
        }
    }

    private void Pause(Group group, string fault)
    {
        var pause = TimeSpan.FromTicks(Math.Min(s_longestPause.Ticks, s_shortestPause.Ticks << Math.Min(group.Failures++, 10)));
        lock (_gate)
            group.PausedUntil = time.GetUtcNow() + pause;
        group.Nodes.Block($"{fault} None is started for {pause.TotalSeconds:0} s.");
    }

    /// <summary>Ends the group's pause where it is over; returns whether it did.</summary>
    private bool Resume(Group group, DateTimeOffset now)
    {
        lock (_gate)
        {
            if (group.PausedUntil is not { } until || until > now)
                return false;
            group.PausedUntil = null;
        }

        group.Nodes.Block(null);
        return true;
    }

    private void Note(Group group, string text, bool isFault = false, bool once = false)
    {
        lock (_gate)
        {
            if (once && group.Notes is [var last, ..] && last.Text == text)
                return;
            group.Notes = [new ScaleNote(time.GetUtcNow(), text, isFault), .. group.Notes.Take(MostNotes - 1)];
        }

        Changed?.Invoke();
    }

    private static string Subject(Group group, string node) => group.Nodes.IsLocal ? node : $"node {node}";

    private static (int Ready, int Starting, int Waiting) Counts(GroupObservation seen) =>
        (seen.Nodes.Count(node => node.State == NodeState.Ready), seen.Nodes.Count(node => node.State == NodeState.Starting), seen.Waiting);

    private static GroupView View(Group group)
    {
        var (ready, starting, waiting) = group.Seen is { } seen ? Counts(seen) : default;
        var stopping = Math.Min(ready, group.Stopping);
        return new(group.Nodes.Name, group.Nodes.Place, group.Nodes.IsLocal, group.Nodes.Limits, ready - stopping, starting, stopping, waiting, group.Notes);
    }

    /// <summary>A group and what is remembered of it.</summary>
    private sealed class Group(IElasticGroup nodes)
    {
        public IElasticGroup Nodes => nodes;
        public GroupObservation? Seen { get; set; }
        public NodeFit? Fit { get; set; }
        public DateTimeOffset? FitAt { get; set; }
        public int Failures { get; set; }
        public DateTimeOffset? PausedUntil { get; set; }
        public int Stopping { get; set; }
        public ImmutableArray<ScaleNote> Notes { get; set; } = [];
    }
}
