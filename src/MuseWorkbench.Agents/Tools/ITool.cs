using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tools;

/// <summary>
/// Something a model can call. Managed code that reads its arguments and its context and nothing else: no network of its
/// own, no process, no path. Thread-safe.
/// </summary>
public interface ITool
{
    /// <summary>How models are told of it, and what its arguments are held to.</summary>
    ToolDefinition Definition { get; }

    /// <summary>As <see cref="Definition"/>, where what goes with the run belongs into the description.</summary>
    ToolDefinition DefinitionFor(ImmutableArray<TableFile> tables) => Definition;

    /// <summary>Runs a call; one that can't be served is a result with <see cref="ToolResult.IsError"/>, told to the model.</summary>
    /// <param name="arguments">Checked against the definition's parameters.</param>
    /// <param name="context">What the calling agent sees and has said.</param>
    ValueTask<ToolResult> CallAsync(ToolArguments arguments, ToolContext context, CancellationToken cancellationToken);
}

/// <summary>What a tool gives back to the model.</summary>
public sealed record ToolResult(string Text, bool IsError = false)
{
    /// <summary>A picture the agent is shown beside the text; null for none.</summary>
    public ToolPicture? Picture { get; init; }

    public static ToolResult Error(string message) => new(message, IsError: true);
}

/// <summary>A picture a tool made.</summary>
/// <param name="Image">Where it is kept.</param>
/// <param name="Encoded">Its bytes (PNG).</param>
/// <param name="Of">Which of the run's images it is of, from 0.</param>
/// <param name="Frame">What of that image it shows.</param>
public sealed record ToolPicture(ImageRef Image, ReadOnlyMemory<byte> Encoded, int Of, ViewFrame Frame);
