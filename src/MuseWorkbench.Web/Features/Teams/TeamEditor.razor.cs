using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using MuseWorkbench.Agents.Pool;
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

    [Inject] public required AgentPool Pool { get; init; }

    /// <summary>Names the list of models to choose from.</summary>
    internal const string ModelsId = "team-models";

    private ImmutableArray<string> ServedModels() =>
        [.. Pool.Members.SelectMany(member => member.Status.Models.IsDefault ? [] : member.Status.Models).Select(model => model.Id).Distinct().Order(StringComparer.Ordinal)];

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
