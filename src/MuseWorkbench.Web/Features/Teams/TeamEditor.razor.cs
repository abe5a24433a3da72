using Microsoft.AspNetCore.Components;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Teams;

/// <summary>A team under edit: strategy, agents, and what a run of it costs.</summary>
public sealed partial class TeamEditor
{
    [Parameter, EditorRequired] public required TeamDraft Draft { get; set; }
    /// <summary>What stands below the cost.</summary>
    [Parameter] public RenderFragment? ChildContent { get; set; }
    [Parameter] public EventCallback OnChanged { get; set; }

    private Task Changed() => OnChanged.InvokeAsync();

    private Task UseAsync(IStrategy strategy)
    {
        Draft.Use(strategy);
        return Changed();
    }

    private Task SetAsync(StrategyOptions options)
    {
        Draft.Options = options;
        return Changed();
    }

    private Task SetLeadAsync(bool own)
    {
        Draft.SetLead(own);
        return Changed();
    }

    private Task SpreadAsync()
    {
        Draft.SpreadViews();
        return Changed();
    }

    private Task AddAsync(AgentDraft? like)
    {
        Draft.AddAgent(like);
        return Changed();
    }

    private Task RemoveAsync(AgentDraft agent)
    {
        Draft.RemoveAgent(agent);
        return Changed();
    }
}
