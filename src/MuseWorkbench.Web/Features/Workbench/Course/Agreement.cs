using System.Collections.Immutable;
using MuseWorkbench.Web.Features.Workbench.State;

namespace MuseWorkbench.Web.Features.Workbench.Course;

/// <summary>Who said what, grouped by answer, and where those who differ leave the leading group's path.</summary>
/// <param name="Answer">The group's answer; empty for those without one that counts.</param>
/// <param name="IsLeader">Whether it is the leading answer.</param>
/// <param name="Members">Its agents.</param>
public sealed record AgreementGroup(string Answer, bool IsLeader, ImmutableArray<AgreementMember> Members)
{
    /// <summary>The groups, most votes first; those without a vote last.</summary>
    public static ImmutableArray<AgreementGroup> From(RunViewModel run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var voters = run.Voters.ToArray();
        var leaders = run.Options.IsEmpty ? [] : run.Options[0].Agents.Where(index => index < run.Agents.Length).Select(index => run.Agents[index]).ToArray();
        var groups = ImmutableArray.CreateBuilder<AgreementGroup>();
        for (var i = 0; i < run.Options.Length; i++)
        {
            var members = run.Options[i].Agents.Where(index => index < run.Agents.Length).Select(index => run.Agents[index]);
            groups.Add(new AgreementGroup(run.Options[i].Answer, i == 0, [.. members.Select(agent => Member(agent, i == 0 ? [] : leaders))]));
        }

        var voted = run.Options.SelectMany(option => option.Agents).ToHashSet();
        var others = run.Agents.Where(agent => !voted.Contains(agent.Index) && (agent.IsOver || voters.Contains(agent)) && agent.Role == Core.AgentRole.Member && voters.Contains(agent)).ToArray();
        if (others.Length > 0)
        {
            groups.Add(new AgreementGroup("", false, [.. others.Select(agent => Member(agent, leaders))]));
        }

        return groups.ToImmutable();
    }

    /// <summary>Compared with the leader it goes along with longest: what parts them there is what made the difference.</summary>
    private static AgreementMember Member(AgentViewModel agent, IReadOnlyList<AgentViewModel> leaders)
    {
        var mine = agent.Reasoning.ToString();
        if (mine.Length == 0)
        {
            return new AgreementMember(agent, null, null);
        }

        AgentViewModel? closest = null;
        Divergence? least = null;
        foreach (var leader in leaders)
        {
            var theirs = leader.Reasoning.ToString();
            if (theirs.Length == 0)
            {
                continue;
            }

            var parts = Divergence.Between(mine, theirs);
            if (parts is null)
            {
                return new AgreementMember(agent, leader, null);
            }

            if (least is null || parts.SharedWords > least.SharedWords)
            {
                (closest, least) = (leader, parts);
            }
        }

        return new AgreementMember(agent, closest, least);
    }
}

/// <summary>An agent of a group.</summary>
/// <param name="Agent">The agent.</param>
/// <param name="Beside">The agent of the leading group it goes along with longest; null for the leaders themselves.</param>
/// <param name="Parts">Where they part; null where their reasoning is the same.</param>
public sealed record AgreementMember(AgentViewModel Agent, AgentViewModel? Beside, Divergence? Parts);
