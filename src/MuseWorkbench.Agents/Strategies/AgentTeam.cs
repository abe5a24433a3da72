using System.Collections.Immutable;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Strategies;

/// <summary>The agents of one run, as its strategy sees them. Thread-safe.</summary>
public sealed class AgentTeam
{
    private readonly Func<AgentAssignment, CancellationToken, Task<AgentResult>> _run;
    private readonly RunLog _log;
    private readonly CancellationToken _stopped;
    private readonly Lock _lock = new();
    private ImmutableArray<TeamAgent> _agents = [];

    internal AgentTeam(
        RunRequest request, RunLog log, Func<AgentAssignment, CancellationToken, Task<AgentResult>> run, CancellationToken stopped)
    {
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

    /// <summary>Starts every agent of the team on the run's own prompt, in parallel.</summary>
    public ImmutableArray<TeamAgent> SpawnAll() => [.. Request.Team.Agents.Select(spec => Spawn(spec))];

    /// <summary>Starts one more agent under the next index; without a task it gets the run's prompt and images.</summary>
    public TeamAgent Spawn(AgentSpec spec, AgentTask? task = null)
    {
        lock (_lock)
        {
            var agent = new TeamAgent(_agents.Length, _stopped);
            _agents = _agents.Add(agent);
            var assignment = new AgentAssignment(agent.Index, spec, task ?? new AgentTask(Request.Prompt));
            agent.Begin(stop => _run(assignment, stop));
            return agent;
        }
    }

    /// <summary>Starts one more agent on a task and waits for what it says (a judge, a synthesis, a debater's next round).</summary>
    public Task<AgentResult> AskAsync(AgentSpec spec, AgentTask task) => Spawn(spec, task).Completion;

    /// <summary>Writes the tally as it stands now.</summary>
    public void ReportVote(VoteChanged vote) => _log.Append(vote);
}

/// <summary>What an agent is asked.</summary>
/// <param name="Prompt">The question; the agent's role text follows it.</param>
public sealed record AgentTask(string Prompt)
{
    /// <summary>Whether the run's images go with the question.</summary>
    public bool WithImages { get; init; } = true;

    /// <summary>Results the question rests on; they lengthen the critical path.</summary>
    public ImmutableArray<AgentResult> After { get; init; } = [];
}

/// <summary>Who does what.</summary>
internal sealed record AgentAssignment(int Index, AgentSpec Spec, AgentTask Task);
