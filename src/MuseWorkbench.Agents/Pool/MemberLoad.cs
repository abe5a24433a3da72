using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Pool;

/// <summary>What a placement knows of one member; immutable.</summary>
public sealed record MemberLoad
{
    /// <summary>What a server decodes at once that doesn't say.</summary>
    private const int UnknownRows = 32;

    /// <summary>How long steps take where none was seen: as on a device where a row more costs little.</summary>
    public static StepTime FirstGuess { get; } = new(10, 0.5);

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

    /// <summary>How long its steps take.</summary>
    public StepTime Step { get; init; } = FirstGuess;

    /// <summary>Prompt tokens it computes a second.</summary>
    public double PrefillPerSecond { get; init; } = 1000;

    /// <summary>Agents it has, at work or waiting.</summary>
    public int Agents => Running + Waiting;

    /// <summary>Most sequences a member decodes at once, as it tells or is set up; at least 1.</summary>
    public static int RowsOf(MemberStatus status, EngineSnapshot? latest)
    {
        ArgumentNullException.ThrowIfNull(status);
        return Math.Max(1, latest?.RowCapacity is > 0 and var capacity ? capacity : status.Rows ?? UnknownRows);
    }

    /// <summary>Agents a member has: ours are known at once; what it says is a moment old, and holds others' as well.</summary>
    public static int AgentsOf(int ours, EngineSnapshot? latest) => Math.Max(ours, (latest?.Running ?? 0) + (latest?.Waiting ?? 0));
}

/// <summary>What is to be placed.</summary>
/// <param name="Prefix">The prompt's shared beginning (images and question) as a hash: equal ones are computed once where they meet.</param>
/// <param name="Agents">Agents that ask over that beginning at the same time.</param>
/// <param name="PromptTokens">Tokens of the beginning, about.</param>
/// <param name="AnswerTokens">Tokens each agent generates, about.</param>
public readonly record struct PlacementRequest(ulong Prefix, int Agents, int PromptTokens, int AnswerTokens);
