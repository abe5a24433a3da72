namespace MuseWorkbench.Agents.Pool;

/// <summary>What a placement knows of one member; immutable.</summary>
public sealed record MemberLoad
{
    public required string Name { get; init; }

    /// <summary>Agents decoding there, others' among them.</summary>
    public int Running { get; init; }

    /// <summary>Agents waiting for a place there.</summary>
    public int Waiting { get; init; }

    /// <summary>Most sequences it decodes at once; at least 1.</summary>
    public int Rows { get; init; } = 1;

    /// <summary>KV cells (tokens) free or free to take; null where it doesn't say.</summary>
    public int? FreeCells { get; init; }

    /// <summary>Whether the request's prefix is thought to be in its cache.</summary>
    public bool HasPrefix { get; init; }

    /// <summary>How long its steps take; until that was seen, as on a device where a row more costs little.</summary>
    public StepTime Step { get; init; } = new(10, 0.5);

    /// <summary>Prompt tokens it computes a second.</summary>
    public double PrefillPerSecond { get; init; } = 1000;

    /// <summary>Agents it has, at work or waiting.</summary>
    public int Agents => Running + Waiting;
}

/// <summary>What is to be placed.</summary>
/// <param name="Prefix">The prompt's shared beginning (images and question) as a hash: equal ones are computed once where they meet.</param>
/// <param name="Agents">Agents that ask over that beginning at the same time.</param>
/// <param name="PromptTokens">Tokens of the beginning, about.</param>
/// <param name="AnswerTokens">Tokens each agent generates, about.</param>
public readonly record struct PlacementRequest(ulong Prefix, int Agents, int PromptTokens, int AnswerTokens);
