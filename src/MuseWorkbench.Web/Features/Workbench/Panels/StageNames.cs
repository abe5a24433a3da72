using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.State;

namespace MuseWorkbench.Web.Features.Workbench.Panels;

/// <summary>A strategy's stages in words.</summary>
internal static class StageNames
{
    /// <summary>What a stage is there for.</summary>
    public static string Of(IGrouping<int, AgentViewModel> stage) => stage.First().Role switch
    {
        AgentRole.Judge => "Judge",
        AgentRole.Synthesiser => "Synthesis",
        AgentRole.Ranker => "Ranking",
        AgentRole.Chair => "Chair",
        AgentRole.Distiller => "Notes",
        _ => stage.Key == 1 ? "First answers" : "Revised answers",
    };

    /// <summary>How far it is.</summary>
    public static string Progress(IEnumerable<AgentViewModel> stage)
    {
        var agents = stage.ToArray();
        var over = agents.Count(agent => agent.IsOver);
        return over == agents.Length ? "done" : agents.Length == 1 ? "at work" : $"{over} of {agents.Length} in";
    }
}
