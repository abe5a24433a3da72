namespace MuseWorkbench.Agents.Parsing;

/// <summary>The families known, and which one a model's id belongs to.</summary>
public static class ModelMarkups
{
    private static readonly TagPair s_think = new("<think>", "</think>");
    private static readonly TagPair s_toolCall = new("<tool_call>", "</tool_call>");

    /// <summary>No markup: everything is answer text.</summary>
    public static ModelMarkup Plain { get; } = new() { Family = "plain" };

    /// <summary>Think tags and tagged JSON tool calls: Qwen3, Hermes, DeepSeek-R1's distillations.</summary>
    public static ModelMarkup Think { get; } = new()
    {
        Family = "think",
        Reasoning = s_think,
        ToolCallForm = ToolCallForm.TaggedJson,
        ToolCall = s_toolCall,
    };

    /// <summary>As <see cref="Think"/>, for models whose prompt already ends in the opening tag.</summary>
    public static ModelMarkup ThinkOpen { get; } = Think with { Family = "think-open", ReasoningIsOpen = true };

    /// <summary>The bundled model: think tags, tool calls and location tags; labels stand before a box while thinking, after it in answers.</summary>
    public static ModelMarkup MuseMini { get; } = Think with
    {
        Family = "muse-mini",
        Grounding = new GroundingConvention
        {
            TagStart = "<loc",
            Order = CoordinateOrder.YxYx,
            Scale = 1024,
            BinWidth = 32,
            LabelInReasoning = LabelSide.Before,
            LabelInAnswer = LabelSide.After,
        },
    };

    /// <summary>Location tags with the label after them; no reasoning.</summary>
    public static ModelMarkup PaliGemma { get; } = new() { Family = "paligemma", Grounding = MuseMini.Grounding! with { LabelInReasoning = LabelSide.After, BinWidth = 0 } };

    /// <summary>Bracketed think tags. Its tool calls are not read here.</summary>
    public static ModelMarkup Magistral { get; } = new() { Family = "magistral", Reasoning = new TagPair("[THINK]", "[/THINK]") };

    // First match wins, so the narrower name stands first.
    private static readonly (string InId, ModelMarkup Markup)[] s_byId =
    [
        ("muse-mini", MuseMini),
        ("paligemma", PaliGemma),
        ("magistral", Magistral),
        ("ministral-3", Magistral),
        ("qwen3.5", ThinkOpen),
        ("qwen3", Think),
        ("qwq", ThinkOpen),
        ("hermes", Think),
        ("deepseek-r1", Think),
    ];

    /// <summary>The markup of a model by its id, such as <c>muse-mini</c> or <c>Qwen/Qwen3-8B</c>; <see cref="Plain"/> for an unknown one.</summary>
    public static ModelMarkup For(string modelId)
    {
        foreach (var (inId, markup) in s_byId)
        {
            if (modelId.Contains(inId, StringComparison.OrdinalIgnoreCase))
                return markup;
        }
        return Plain;
    }
}
