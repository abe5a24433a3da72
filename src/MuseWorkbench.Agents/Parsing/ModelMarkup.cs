using System.Collections.Immutable;
using MuseWorkbench.Agents.Parsing.Grounding;

namespace MuseWorkbench.Agents.Parsing;

/// <summary>A pair of literal tags around a piece of text.</summary>
public sealed record TagPair(string Open, string Close);

/// <summary>How a family writes a tool call.</summary>
public enum ToolCallForm
{
    /// <summary>The family calls no tools in its text.</summary>
    None,

    /// <summary>A JSON object with <c>name</c> and <c>arguments</c> between two tags.</summary>
    TaggedJson,
}

/// <summary>How one family of models marks reasoning, tool calls and places in its raw text.</summary>
public sealed record ModelMarkup
{
    /// <summary>The family's name, for logs and the reader.</summary>
    public required string Family { get; init; }

    /// <summary>Tags around reasoning; null where there are none.</summary>
    public TagPair? Reasoning { get; init; }

    /// <summary>The prompt already holds the opening tag: output starts inside reasoning.</summary>
    public bool ReasoningIsOpen { get; init; }

    public ToolCallForm ToolCallForm { get; init; }

    /// <summary>Tags around a tool call, where <see cref="ToolCallForm"/> is tagged.</summary>
    public TagPair? ToolCall { get; init; }

    /// <summary>
    /// Tools the family was trained to call, told of by name alone: a schema would only disturb it. Others are described to it
    /// as to any model.
    /// </summary>
    public ImmutableArray<string> TrainedTools { get; init; } = [];

    /// <summary>How places are written; null where the family names none.</summary>
    public GroundingConvention? Grounding { get; init; }

    /// <summary>The same in reply to a prompt: some families write places as the task has it.</summary>
    public ModelMarkup For(string prompt) => Grounding is { } grounding ? this with { Grounding = grounding.For(prompt) } : this;
}
