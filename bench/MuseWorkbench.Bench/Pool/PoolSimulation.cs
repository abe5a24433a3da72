using MuseWorkbench.Agents.Pool;

namespace MuseWorkbench.Bench.Pool;

/// <summary>What one policy made of one trace.</summary>
/// <param name="Runs">Runs counted: those after the first tenth, which finds the pool cold and empty.</param>
/// <param name="SplitShare">Share of the runs whose agents went to several members.</param>
/// <param name="HitRate">Share of the groups of agents that found their prefix cached, or being computed.</param>
internal sealed record PoolResult(
    string Policy, int Members, double Load, int Runs, double MeanMs, double MedianMs, double P99Ms, double RunsPerSecond, double TokensPerSecond, double HitRate, double SplitShare);

/// <summary>Replays arrivals against virtual members, with the pool's own policies, in virtual time.</summary>
internal static class PoolSimulation
{
    public static PoolResult Run(IPlacementPolicy policy, IReadOnlyList<Arrival> arrivals, int members, VirtualHardware hardware, double load)
    {
        VirtualMember[] pool = [.. Enumerable.Range(1, members).Select(n => new VirtualMember($"member-{n}", hardware))];
        var events = new PriorityQueue<(int Member, int Version), double>();
        var ended = new List<VirtualRun>();
        var runs = new List<VirtualRun>(arrivals.Count);
        // What the pool expects of an answer is the mean of those it has seen.
        var (answers, answerTokens) = (0L, 0L);
        var split = 0;
        foreach (var arrival in arrivals)
        {
            RunEventsUntil(arrival.AtMs);
            var request = new PlacementRequest(arrival.Key, arrival.AnswerTokens.Count, arrival.PromptTokens, answers == 0 ? 128 : (int)(answerTokens / answers));
            var plan = Placer.Plan(policy, request, [.. pool.Select(m => m.Load(arrival.Key))]);
            var run = new VirtualRun(arrival.AtMs, arrival.AnswerTokens.Count);
            runs.Add(run);
            split += plan.IsSplit ? 1 : 0;
            foreach (var group in plan.Members.Index().GroupBy(pair => pair.Item, pair => arrival.AnswerTokens[pair.Index]))
            {
                pool[group.Key].Arrive(arrival.AtMs, run, request, group);
                Schedule(group.Key);
            }

            answers += arrival.AnswerTokens.Count;
            answerTokens += arrival.AnswerTokens.Sum();
        }

        RunEventsUntil(double.PositiveInfinity);
        var counted = runs.Skip(runs.Count / 10).ToArray();
        var latencies = counted.Select(r => r.EndedMs!.Value - r.ArrivedMs).Order().ToArray();
        var seconds = (runs.Max(r => r.EndedMs!.Value) - runs[0].ArrivedMs) / 1000;
        return new PoolResult(
            policy.Name, members, load, counted.Length, latencies.Average(), latencies[latencies.Length / 2], latencies[(int)(latencies.Length * 0.99)],
            runs.Count / seconds, pool.Sum(m => m.Tokens) / seconds, (double)pool.Sum(m => m.Hits) / pool.Sum(m => m.Groups), (double)split / runs.Count);

        void Schedule(int member)
        {
            if (pool[member].NextEvent is var next && double.IsFinite(next))
                events.Enqueue((member, pool[member].Version), next);
        }

        void RunEventsUntil(double time)
        {
            while (events.TryPeek(out var item, out var at) && at <= time)
            {
                events.Dequeue();
                if (pool[item.Member].Version != item.Version)
                    continue;
                pool[item.Member].Happen(at, ended);
                Schedule(item.Member);
            }
        }
    }
}
