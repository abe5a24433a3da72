namespace MuseWorkbench.Engine.Requests;

/// <summary>How a model writes calls of tools. Models do not say; their chat templates show it where they write a former call.</summary>
public sealed record ToolCallFormat
{
    /// <summary>What Llama 3 writes before a call now and then.</summary>
    public const string PythonTag = "<|python_tag|>";

    /// <summary>What stands between a name and its arguments in <see cref="Named"/>.</summary>
    public const string ArgumentsMark = "[ARGS]";

    private ToolCallFormat(string name) => Name = name;

    /// <summary><c>&lt;tool_call&gt;{"name":…,"arguments":{…}}&lt;/tool_call&gt;</c>, once a call: Qwen, Hermes and many others; also where nothing else is known.</summary>
    public static ToolCallFormat Tagged { get; } = new("tagged") { Open = "<tool_call>", Close = "</tool_call>" };

    /// <summary><c>[TOOL_CALLS][{"name":…,"arguments":{…}},…]</c> to the reply's end: Mistral.</summary>
    public static ToolCallFormat Listed { get; } = new("listed") { Open = "[TOOL_CALLS]" };

    /// <summary><c>[TOOL_CALLS]name[ARGS]{…}</c>, once a call, to the reply's end: Mistral since 2025.</summary>
    public static ToolCallFormat Named { get; } = new("named") { Open = "[TOOL_CALLS]" };

    /// <summary><c>{"name":…,"parameters":{…}}</c> as the whole reply: Llama 3.</summary>
    public static ToolCallFormat Bare { get; } = new("bare") { Arguments = "parameters" };

    /// <summary>Texts of tokens that may be control tokens, and are text all the same, since they say where a call is.</summary>
    public static IReadOnlyList<string> Marks { get; } = [Tagged.Open!, Tagged.Close!, Listed.Open!, ArgumentsMark, PythonTag];

    /// <summary>In a word.</summary>
    public string Name { get; }

    /// <summary>Text that calls begin with; null where they are the whole reply.</summary>
    public string? Open { get; private init; }

    /// <summary>Text that a call ends with; null where calls go to the reply's end.</summary>
    public string? Close { get; private init; }

    /// <summary>The member of a call that holds its arguments.</summary>
    public string Arguments { get; private init; } = "arguments";
}
