using MuseWorkbench.Agents.Pool;

namespace MuseWorkbench.Bench.Pool;

/// <summary>A run of the simulation: done when its last agent is.</summary>
internal sealed class VirtualRun(double arrivedMs, int agents)
{
    public double ArrivedMs { get; } = arrivedMs;
    public int Open { get; set; } = agents;
    public double? EndedMs { get; set; }
}

/// <summary>
/// A server in virtual time: prompts are prefilled one after the other, sequences decode together in steps whose time grows
/// with the rows, at half that speed while a prefill takes its share of each step. Prefixes stay cached until others push
/// them out. Time is in milliseconds.
/// </summary>
internal sealed class VirtualMember(string name, VirtualHardware hardware)
{
    private readonly PrefixMemory _cache = new(hardware.Prefixes);
    private readonly PriorityQueue<VirtualRun, double> _running = new();
    private readonly Queue<(VirtualRun Run, int Tokens)> _waiting = new();
    private readonly LinkedList<Prefill> _prefills = new();
    private double _now;

    /// <summary>Tokens that a sequence which decoded since the beginning would have generated.</summary>
    private double _clock;

    /// <summary>When the first of the prefills is done.</summary>
    private double _prefillEnds = double.PositiveInfinity;

    /// <summary>What the pool thinks is cached here.</summary>
    public PrefixMemory Remembered { get; } = new(hardware.Prefixes);

    public string Name => name;
    public long Tokens { get; private set; }
    public int Groups { get; private set; }
    public int Hits { get; private set; }

    /// <summary>Tells events that were scheduled before something changed from those that still hold.</summary>
    public int Version { get; private set; }

    public double NextEvent => Math.Min(_prefillEnds, _running.TryPeek(out _, out var ends) ? _now + (Math.Max(0, ends - _clock) * TokenMs) : double.PositiveInfinity);

    public MemberLoad Load(ulong prefix) => new()
    {
        Name = name, Running = _running.Count, Waiting = _waiting.Count + _prefills.Sum(p => p.Agents.Count), Rows = hardware.Rows,
        Step = hardware.Step, PrefillPerSecond = hardware.PrefillPerSecond, HasPrefix = Remembered.Contains(prefix),
    };

    /// <summary>Agents of one run arrive, each with the tokens it will generate.</summary>
    public void Arrive(double now, VirtualRun run, PlacementRequest request, IEnumerable<int> answers)
    {
        Advance(now);
        Remembered.Use(request.Prefix);
        Groups++;
        var agents = answers.Select(tokens => (run, tokens)).ToList();
        var underWay = _prefills.FirstOrDefault(p => p.Prefix == request.Prefix);
        if (underWay is not null)
        {
            Hits++;
            underWay.Agents.AddRange(agents);
        }
        else if (_cache.Use(request.Prefix))
        {
            Hits++;
            agents.ForEach(_waiting.Enqueue);
        }
        else
        {
            _prefills.AddLast(new Prefill(request.Prefix, request.PromptTokens * 1000 / hardware.PrefillPerSecond, agents));
            if (_prefills.Count == 1)
                _prefillEnds = now + _prefills.First!.Value.DurationMs;
        }

        Settle();
    }

    /// <summary>Goes on to the next event and lets it happen; returns the runs that ended by it.</summary>
    public void Happen(double now, List<VirtualRun> ended)
    {
        Advance(now);
        while (_running.TryPeek(out var run, out var ends) && ends <= _clock + 1e-6)
        {
            _running.Dequeue();
            if (--run.Open == 0)
            {
                run.EndedMs = now;
                ended.Add(run);
            }
        }

        if (_prefillEnds <= now && _prefills.First?.Value is { } done)
        {
            _prefills.RemoveFirst();
            done.Agents.ForEach(_waiting.Enqueue);
            _prefillEnds = _prefills.First is { } next ? now + next.Value.DurationMs : double.PositiveInfinity;
        }

        Settle();
    }

    private double TokenMs => hardware.Step.At(_running.Count) * (_prefills.Count > 0 ? 2 : 1);

    private void Advance(double now)
    {
        if (_running.Count > 0)
            _clock += (now - _now) / TokenMs;
        _now = now;
    }

    private void Settle()
    {
        while (_running.Count < hardware.Rows && _waiting.TryDequeue(out var agent))
        {
            _running.Enqueue(agent.Run, _clock + agent.Tokens);
            Tokens += agent.Tokens;
        }

        Version++;
    }

    private sealed record Prefill(ulong Prefix, double DurationMs, List<(VirtualRun Run, int Tokens)> Agents);
}

/// <summary>What every virtual member is.</summary>
/// <param name="Rows">Most sequences decoded at once.</param>
/// <param name="Step">Time of a step.</param>
/// <param name="PrefillPerSecond">Prompt tokens computed a second.</param>
/// <param name="Prefixes">Prefixes its cache holds.</param>
internal sealed record VirtualHardware(int Rows, StepTime Step, double PrefillPerSecond, int Prefixes)
{
    /// <summary>Runs a second one member sustains where every prefix is cached.</summary>
    public double RunsPerSecond(int agents, double answerTokens) => Rows * 1000 / Step.At(Rows) / (answerTokens * agents);
}
