using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Agents.Parsing.Grounding;
using MuseWorkbench.Core;

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

    /// <summary>The bundled model: think tags, tool calls and location tags.</summary>
    public static ModelMarkup MuseMini { get; } = Think with { Family = "muse-mini", Grounding = Groundings.MuseMini, TrainedTools = ["nutrition", "calculator"] };

    /// <summary>Location tags with the label after them; no reasoning.</summary>
    public static ModelMarkup PaliGemma { get; } = new() { Family = "paligemma", Grounding = Groundings.PaliGemma };

    /// <summary>A channel of thought. Its tool calls are not read here.</summary>
    public static ModelMarkup Gemma { get; } = new() { Family = "gemma", Reasoning = new TagPair("<|channel>thought\n", "<channel|>") };

    /// <summary>Think tags. Its tool calls are not read here.</summary>
    public static ModelMarkup Glm { get; } = new() { Family = "glm", Reasoning = s_think };

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
        ("gemma-4", Gemma),
        ("glm-4", Glm),
    ];

    /// <summary>
    /// The markup of a model by its id, such as <c>muse-mini</c> or <c>Qwen/Qwen3-8B</c>; <see cref="Plain"/> for an unknown
    /// one. How it names places follows its id, else its architecture.
    /// </summary>
    public static ModelMarkup For(string modelId, string? architecture = null) =>
        Find(modelId) with { Grounding = Groundings.For(modelId, architecture) };

    /// <summary>The markup of a served model. What its server was set to say of places goes before its name and architecture.</summary>
    /// <exception cref="ChatClientException">It is set to a convention that is not known.</exception>
    public static ModelMarkup For(ModelInfo model)
    {
        if (model.Grounding is not { Length: > 0 } name)
            return For(model.Id, model.Architecture);
        return Groundings.TryGet(name, out var grounding)
            ? Find(model.Id) with { Grounding = grounding }
            : throw new ChatClientException(
                ChatFailure.Rejected, $"The engine is set to read places as \"{name}\" (Engine:Grounding), which is not known. Known: {string.Join(", ", Groundings.Names)}.");
    }

    private static ModelMarkup Find(string modelId)
    {
        foreach (var (inId, markup) in s_byId)
        {
            if (modelId.Contains(inId, StringComparison.OrdinalIgnoreCase))
                return markup;
        }
        return Plain;
    }
}
