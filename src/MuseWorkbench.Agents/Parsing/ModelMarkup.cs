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

    /// <summary>How places are written; null where the family names none.</summary>
    public GroundingConvention? Grounding { get; init; }
}

/// <summary>The order of a box's four numbers.</summary>
public enum CoordinateOrder { YxYx, XyXy }

/// <summary>Whether the words naming a place come before or after its box.</summary>
public enum LabelSide { Before, After }

/// <summary>How a family writes a box as four location tags. Keyed by family: never guessed from the size of numbers.</summary>
public sealed record GroundingConvention
{
    /// <summary>A tag is this, one to four digits, then <see cref="TagEnd"/>.</summary>
    public required string TagStart { get; init; }
    public string TagEnd { get; init; } = ">";
    public required CoordinateOrder Order { get; init; }

    /// <summary>A number divided by this is a share (0 to 1) of the model's canvas.</summary>
    public required double Scale { get; init; }

    /// <summary>
    /// Width of the bin a number stands for, in the same numbers: an edge is read as its bin's centre. 0 where numbers are
    /// exact edges.
    /// </summary>
    public double BinWidth { get; init; }
    public required LabelSide LabelInReasoning { get; init; }
    public required LabelSide LabelInAnswer { get; init; }

    internal double ShareOf(int number) => (number + BinWidth / 2) / Scale;

    internal LabelSide LabelIn(Core.TextChannel channel) =>
        channel == Core.TextChannel.Reasoning ? LabelInReasoning : LabelInAnswer;
}
