using System.Collections.Immutable;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Conversation;

/// <summary>Everything one agent needs to begin.</summary>
internal sealed record AgentWork(Guid Run, AgentAssignment Assignment, RunViews Views, uint Seed, AgentJournal Journal)
{
    public int Index => Assignment.Index;
    public TeamAgent Agent => Assignment.Agent;
    public AgentSpec Spec => Assignment.Spec;
    public AgentTask Task => Assignment.Task;

    /// <summary>What it goes on behind; null where it begins.</summary>
    public AgentBeginning? Begun { get; init; }

    /// <summary>The images it is shown, once they are prepared; none where its task goes without.</summary>
    public ImmutableArray<ShownImage> Shown { get; init; } = [];
}
