using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using MuseWorkbench.Agents.Pool;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Engine;

namespace MuseWorkbench.Web.Features.Pool;

/// <summary>
/// Runs watch the members their agents are on, several as one. A run that has no agent anywhere yet, or between two stages, watches
/// those it was on last; at first the only member, where there is one.
/// </summary>
internal sealed class PoolEngineWatch(AgentPool pool, TimeProvider time) : IEngineWatch
{
    /// <summary>How often members are looked at: a node tells of itself every 200 ms.</summary>
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    /// <summary>How long those that have told wait for the others; a server whose metrics are asked for tells every two seconds.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(400);

    public async IAsyncEnumerable<EngineSnapshot> WatchAsync(Guid run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Where each stands now is not the run's; what it tells from here on is, if an agent comes to it.
        var all = pool.All;
        var heard = all.ToDictionary(member => member, member => new Ear(member.Latest));
        var members = pool.MembersOf(run) is { IsEmpty: false } at ? at : all is [_] ? all : [];
        long? since = null;
        while (true)
        {
            await Task.Delay(s_look, time, cancellationToken);
            if (pool.MembersOf(run) is { IsEmpty: false } now)
                members = now;
            Listen();
            var telling = members.Select(m => heard[m]).Where(ear => ear.Last is not null).ToArray();
            if (!Array.Exists(telling, ear => ear.News.Count > 0))
                continue;
            since ??= time.GetTimestamp();
            if (!Array.TrueForAll(telling, ear => ear.News.Count > 0) && time.GetElapsedTime(since.Value) < s_patience)
                continue;
            since = null;
            yield return SideBySide([.. telling.Select(ear => ear.Take())]);
        }

        void Listen()
        {
            foreach (var one in members)
            {
                if (!heard.TryGetValue(one, out var ear))
                    heard.Add(one, ear = new Ear(one.Latest));
                ear.Hear(one.Latest);
            }
        }
    }

    /// <summary>Engines at the same time as one: their rows, cells and tokens together, over the longest of their intervals.</summary>
    internal static EngineSnapshot SideBySide(ReadOnlySpan<EngineSnapshot> parts)
    {
        var sum = parts[0];
        foreach (var part in parts[1..])
        {
            sum = sum with
            {
                At = part.At > sum.At ? part.At : sum.At,
                IntervalMs = Math.Max(sum.IntervalMs, part.IntervalMs),
                Steps = sum.Steps + part.Steps,
                IntervalSteps = Math.Max(sum.IntervalSteps, part.IntervalSteps),
                MeanRows = sum.MeanRows + part.MeanRows,
                MaxRows = sum.MaxRows + part.MaxRows,
                RowCapacity = sum.RowCapacity + part.RowCapacity,
                IntervalGenerated = sum.IntervalGenerated + part.IntervalGenerated,
                IntervalPrefilled = sum.IntervalPrefilled + part.IntervalPrefilled,
                Running = sum.Running + part.Running,
                Waiting = sum.Waiting + part.Waiting,
                Kv = new KvCells(sum.Kv.Capacity + part.Kv.Capacity, sum.Kv.Pinned + part.Kv.Pinned, sum.Kv.Shared + part.Kv.Shared, sum.Kv.Private + part.Kv.Private),
            };
        }

        return sum;
    }

    /// <summary>What one member told since it was last asked.</summary>
    private sealed class Ear(EngineSnapshot? before)
    {
        private DateTimeOffset? _at = before?.At;

        public EngineSnapshot? Last { get; private set; } = before;

        public List<EngineSnapshot> News { get; } = [];

        public void Hear(EngineSnapshot? latest)
        {
            if (latest is null || latest.At == _at)
                return;
            (_at, Last) = (latest.At, latest);
            News.Add(latest);
        }

        /// <summary>The news as one; where there is none, where it stood last, with nothing done since.</summary>
        public EngineSnapshot Take()
        {
            var told = News.Count > 0
                ? SnapshotMerge.Merge([.. News])
                : Last! with { IntervalMs = 0, IntervalSteps = 0, IntervalGenerated = 0, IntervalPrefilled = 0 };
            News.Clear();
            return told;
        }
    }
}
