using System.Collections.Immutable;
using Microsoft.Extensions.AI;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Conversation;

/// <summary>An image of a run with its bytes, encoded once for all agents.</summary>
internal sealed record RunImage(ImageRef Ref, DataContent Content);

/// <summary>Everything one agent needs to begin.</summary>
internal sealed record AgentWork(
    Guid Run, AgentAssignment Assignment, ImmutableArray<RunImage> Images, uint Seed, AgentJournal Journal)
{
    public int Index => Assignment.Index;
    public TeamAgent Agent => Assignment.Agent;
    public AgentSpec Spec => Assignment.Spec;
    public AgentTask Task => Assignment.Task;
    public ImmutableArray<RunImage> Shown => Task.WithImages ? Images : [];
}
