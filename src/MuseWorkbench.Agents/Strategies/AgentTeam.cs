using System.Collections.Immutable;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Strategies;

/// <summary>The agents of one run, as its strategy sees them. Thread-safe.</summary>
public sealed class AgentTeam
{
    private readonly Func<AgentAssignment, CancellationToken, Task<AgentResult>> _run;
    private readonly RunLog _log;
    private readonly uint _seed;
    private readonly CancellationToken _stopped;
    private readonly Lock _lock = new();
    private ImmutableArray<TeamAgent> _agents = [];

    internal AgentTeam(
        RunRequest request, RunLog log, uint seed, Func<AgentAssignment, CancellationToken, Task<AgentResult>> run, CancellationToken stopped)
    {
        _seed = seed;
        Request = request;
        _log = log;
        _run = run;
        _stopped = stopped;
    }

    public RunRequest Request { get; }

    /// <summary>Agents spawned so far, by index.</summary>
    public ImmutableArray<TeamAgent> Agents
    {
        get
        {
            lock (_lock)
                return _agents;
        }
    }

    /// <summary>Agents the user put together; a strategy may start each of them several times.</summary>
    public int Size => Request.Team.Agents.Length;

    /// <summary>Whether the run was stopped: nothing further is worth starting.</summary>
    public bool IsStopped => _stopped.IsCancellationRequested;

    /// <summary>An option's value in this run.</summary>
    public double Get(StrategyOption option) => option.Of(Request.Team.Options);

    /// <summary>A whole number's value in this run.</summary>
    public int GetInt(StrategyOption option) => (int)Get(option);

    /// <summary>Random order that repeats with the run's seeds; each <paramref name="use"/> has its own.</summary>
    public Random Randomness(int use) => new(unchecked((int)_seed + (use * 7919)));

    /// <summary>Starts every agent of the team on one task, in parallel; without one on the run's own prompt.</summary>
    public ImmutableArray<TeamAgent> SpawnAll(AgentTask? task = null) => SpawnAll(_ => task ?? Question);

    /// <summary>Starts every agent of the team, each on its own task.</summary>
    public ImmutableArray<TeamAgent> SpawnAll(Func<int, AgentTask> task) => [.. Enumerable.Range(0, Size).Select(member => SpawnMember(member, task(member)))];

    /// <summary>Starts the team's agent of this index; it may be started again in a later stage.</summary>
    public TeamAgent SpawnMember(int member, AgentTask? task = null) =>
        Spawn(Request.Team.Agents[member], (task ?? Question) with { Member = member, Role = AgentRole.Member });

    /// <summary>Asks the team's lead and waits for what it says.</summary>
    public Task<AgentResult> AskLeadAsync(AgentTask task)
    {
        var lead = Request.Team.LeadOrDefault;
        return AskAsync(Request.Team.Lead is null ? lead with { Name = task.Role.ToString() } : lead, task);
    }

    /// <summary>The run's own question.</summary>
    public AgentTask Question => new(Request.Prompt);

    /// <summary>Starts one more agent under the next index; without a task it gets the run's prompt and images.</summary>
    public TeamAgent Spawn(AgentSpec spec, AgentTask? task = null)
    {
        lock (_lock)
        {
            var agent = new TeamAgent(_agents.Length, _stopped);
            _agents = _agents.Add(agent);
            var asked = task ?? Question;
            // Leads, judges and rankers answer as their strategy reads them.
            var assignment = new AgentAssignment(agent, asked.Role == AgentRole.Member ? spec : spec with { Answer = null }, asked);
            agent.Begin(stop => _run(assignment, stop));
            return agent;
        }
    }

    /// <summary>Starts one more agent on a task and waits for what it says (a judge, a synthesis, a debater's next round).</summary>
    public Task<AgentResult> AskAsync(AgentSpec spec, AgentTask task) => Spawn(spec, task).Completion;

    /// <summary>Writes the tally as it stands now.</summary>
    public void ReportVote(VoteChanged vote) => _log.Append(vote);
}
