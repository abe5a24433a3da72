using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace MuseWorkbench.Core;

/// <summary>How a set of agents works on one prompt: who takes part, by which strategy, within which budget.</summary>
public sealed record TeamSpec
{
    /// <summary>Fewest and most agents a team may have.</summary>
    public const int MinAgents = 1, MaxAgents = 32;

    // Not greedy: some models degenerate at 0.
    private const double DefaultLeadTemperature = 0.2;

    public required string Name { get; init; }

    /// <summary>The strategy's registered name, such as <c>self-consistency</c>.</summary>
    public string Strategy { get; init; } = "self-consistency";

    /// <summary>1 to 32 agents. Order gives each its number and colour.</summary>
    public required ImmutableArray<AgentSpec> Agents { get; init; }

    /// <summary>What the strategy is told; null for its defaults.</summary>
    public StrategyOptions? Options { get; init; }

    /// <summary>Who judges, merges, chairs or distils, in strategies that have such a one; null for the one <see cref="LeadOrDefault"/> makes.</summary>
    public AgentSpec? Lead { get; init; }

    /// <summary>The lead the strategy works with: the team's own, else a calm one on the first agent's model.</summary>
    [JsonIgnore]
    public AgentSpec LeadOrDefault => Lead ?? DefaultLead;

    private AgentSpec DefaultLead => new()
    {
        Name = "Lead",
        Model = Agents.IsDefaultOrEmpty ? null : Agents[0].Model,
        Sampling = new SamplingSpec { Temperature = DefaultLeadTemperature, Seed = Agents.IsDefaultOrEmpty ? null : Agents[0].Sampling.Seed },
        MaxTokens = Agents.IsDefaultOrEmpty ? 512 : Agents.Max(agent => agent.MaxTokens),
    };
}

/// <summary>One agent of a team.</summary>
public sealed record AgentSpec
{
    public required string Name { get; init; }

    /// <summary>Text added after the question, so that agents of one team still share the prefix before it. Null for none.</summary>
    public string? Role { get; init; }

    /// <summary>A model's id in the pool; null means the run's default model.</summary>
    public string? Model { get; init; }

    public SamplingSpec Sampling { get; init; } = new();

    /// <summary>Most tokens this agent may generate over all its turns, 1 to 32,768.</summary>
    public int MaxTokens { get; init; } = 512;

    /// <summary>How it is shown the run's images; null for as they are.</summary>
    public ViewSpec? View { get; init; }

    /// <summary>The tools it may call, by name, and no others; null for the usual one, <c>calculator</c>.</summary>
    public ImmutableArray<string>? Tools { get; init; }

    /// <summary>Whether it may call a tool or must begin with a call; null is <see cref="Core.ToolUse.Auto"/>.</summary>
    public ToolUse? ToolUse { get; init; }

    /// <summary>The form of its answer; null leaves it free. One that answers in a form calls no tools.</summary>
    public AnswerForm? Answer { get; init; }
}

/// <summary>A form of structured answer that is shown on the image.</summary>
public enum AnswerForm
{
    /// <summary>Foods with a score and what is in them.</summary>
    Food,
    /// <summary>Numbered steps, each at its part.</summary>
    Steps,
    /// <summary>Values, each where it was read.</summary>
    Values,
}

/// <summary>Whether an agent's first turn is free.</summary>
public enum ToolUse
{
    Auto,
    /// <summary>Its first turn is a tool call, where its server can hold it to that.</summary>
    Required,
}

/// <summary>Sampling parameters, named and ranged as in the OpenAI API and llama.cpp.</summary>
public sealed record SamplingSpec
{
    /// <summary>0 (greedy) to 2.</summary>
    public double Temperature { get; init; } = 0.8;

    /// <summary>0 to 1; 1 is off.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>0 is off.</summary>
    public int TopK { get; init; }

    /// <summary>0 to 1; 0 is off.</summary>
    public double MinP { get; init; }

    /// <summary>Null draws one; recorded with the run either way.</summary>
    public uint? Seed { get; init; }
}
