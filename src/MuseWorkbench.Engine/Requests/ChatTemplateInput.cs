using System.Collections.Immutable;
using System.Text.Json;

namespace MuseWorkbench.Engine.Requests;

/// <summary>What a chat template renders. JSON values must outlive the document they were read from (<see cref="JsonElement.Clone"/>).</summary>
/// <param name="Turns">The messages, in order.</param>
public sealed record ChatTemplateInput(IReadOnlyList<ChatTurn> Turns)
{
    /// <summary>A JSON array of tools as OpenAI's API takes them (<c>{"type":"function","function":{…}}</c>); null for none.</summary>
    public JsonElement? Tools { get; init; }

    /// <summary>More variables for the template, such as <c>enable_thinking</c>.</summary>
    public ImmutableDictionary<string, JsonElement> Variables { get; init; } = ImmutableDictionary<string, JsonElement>.Empty;

    /// <summary>Whether the assistant's turn is opened at the end.</summary>
    public bool AddGenerationPrompt { get; init; } = true;
}
