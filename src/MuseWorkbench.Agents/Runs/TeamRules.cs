using System.Collections.Immutable;
using System.Globalization;
using MuseWorkbench.Agents.Tools;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Runs;

/// <summary>What any team must satisfy, whatever its strategy.</summary>
public static class TeamRules
{
    /// <summary>Largest token budget of an agent.</summary>
    public const int MaxTokens = 32_768;

    /// <summary>Longest name of an agent or a team, and longest role, in characters.</summary>
    public const int MaxNameLength = 200, MaxRoleLength = 32_000;

    /// <summary>What is wrong with the team, in words; null where nothing is.</summary>
    public static string? Fault(TeamSpec? team) => team switch
    {
        null => "The team has no agents.",
        { Agents.IsDefaultOrEmpty: true } => "The team has no agents.",
        { Agents.Length: > TeamSpec.MaxAgents } => $"The team has {team.Agents.Length} agents; at most {TeamSpec.MaxAgents} are allowed.",
        { Name: null } => "The team has no name.",
        { Name.Length: > MaxNameLength } => $"The team's name is longer than {MaxNameLength} characters.",
        _ => team.Agents.Select(Fault).FirstOrDefault(fault => fault is not null) ?? (team.Lead is null ? null : FaultOfLead(team.Lead)),
    };

    private static string? FaultOfLead(AgentSpec lead) =>
        lead.Answer is null ? Fault(lead) : $"{lead.Name}: a lead answers as its strategy wants it, in no form of its own.";

    private static string? Fault(AgentSpec? agent)
    {
        if (agent is null || agent.Name is null || agent.Sampling is not { } sampling)
            return "An agent of the team is incomplete.";
        if (agent.Name.Length > MaxNameLength)
            return $"An agent's name is longer than {MaxNameLength} characters.";
        if (agent.Role is { Length: > MaxRoleLength })
            return string.Create(CultureInfo.InvariantCulture, $"{agent.Name}: the role is longer than {MaxRoleLength:N0} characters.");
        if (agent.View?.Fault is { } view)
            return $"{agent.Name}: {view}.";
        if (agent.ToolUse is { } use && !Enum.IsDefined(use))
            return $"{agent.Name}: the use of tools is unknown.";
        if (agent.Tools is { } tools && ToolFault(tools) is { } tool)
            return $"{agent.Name}: {tool}.";
        if (agent.Answer is { } form && !Enum.IsDefined(form))
            return $"{agent.Name}: the form of the answer is unknown.";
        if (agent.Answer is not null && agent.Tools is { IsEmpty: false })
            return $"{agent.Name}: an answer in a form and tools exclude each other. Take one of them away.";
        return Range(agent, "the temperature", sampling.Temperature, 0, 2)
            ?? Range(agent, "top-p", sampling.TopP, 0, 1)
            ?? Range(agent, "min-p", sampling.MinP, 0, 1)
            ?? Range(agent, "top-k", sampling.TopK, 0, int.MaxValue)
            ?? Range(agent, "the token budget", agent.MaxTokens, 1, MaxTokens);
    }

    private static string? ToolFault(ImmutableArray<string> tools) =>
        tools.IsDefault ? "the list of tools is missing"
        : tools.FirstOrDefault(tool => !ToolNames.All.Contains(tool)) is { } unknown
            ? $"there is no tool named \"{(unknown.Length <= 64 ? unknown : unknown[..64] + "…")}\"; there are {string.Join(", ", ToolNames.All)}"
        : tools.Distinct().Count() < tools.Length ? "a tool is listed twice"
        : null;

    // Written so that NaN is out of range.
    private static string? Range(AgentSpec agent, string what, double value, double least, double most) =>
        value >= least && value <= most
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{agent.Name}: {what} must lie between {least:N0} and {most:N0}.");
}
