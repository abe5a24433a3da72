using System.Text.Json;
using MuseWorkbench.Engine.Images;

namespace MuseWorkbench.Engine.Requests;

/// <summary>One message of a chat: a role (system, user, assistant, tool) and its content in order; empty content counts as none.</summary>
public sealed record ChatTurn(string Role, IReadOnlyList<ChatContent> Content)
{
    /// <summary>What an assistant thought before it answered; templates decide whether the model sees it again.</summary>
    public string? ReasoningContent { get; init; }

    /// <summary>What an assistant called, in order.</summary>
    public IReadOnlyList<ChatToolCall> ToolCalls { get; init; } = [];

    /// <summary>The call a message of role <c>tool</c> answers.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>The tool that answered, or who spoke.</summary>
    public string? Name { get; init; }
}

/// <summary>A piece of a message.</summary>
public abstract record ChatContent;

/// <summary>Text as its author wrote it.</summary>
public sealed record ChatText(string Text) : ChatContent;

/// <summary>A decoded image.</summary>
public sealed record ChatImage(RgbImage Image) : ChatContent;

/// <summary>A function an assistant called.</summary>
/// <param name="Id">The call's id, which its answer repeats.</param>
/// <param name="Name">The function's name.</param>
/// <param name="Arguments">A JSON object. It must outlive the request's document (<see cref="JsonElement.Clone"/>).</param>
public sealed record ChatToolCall(string Id, string Name, JsonElement Arguments);
