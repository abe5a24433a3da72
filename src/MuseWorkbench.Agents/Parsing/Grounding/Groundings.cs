using System.Diagnostics.CodeAnalysis;

namespace MuseWorkbench.Agents.Parsing.Grounding;

/// <summary>The conventions known, and which one a model follows. Sources and examples: docs/grounding.md.</summary>
public static class Groundings
{
    /// <summary>Names no places: said of a model whose text only looks as if it did.</summary>
    public const string None = "none";

    private static readonly JsonPlaceKeys s_qwen = new() { Box = "bbox_2d", Point = "point_2d" };

    public static GroundingConvention MuseMini { get; } = new()
    {
        Name = "muse-mini",
        Order = CoordinateOrder.YxYx,
        Scale = 1024,
        BinWidth = 32,
        SaysCloseUp = true,
        Tags = places => new LocationTags(places, "<loc", LabelSide.Before, LabelSide.After),
    };

    public static GroundingConvention PaliGemma { get; } = new()
    {
        Name = "paligemma",
        Order = CoordinateOrder.YxYx,
        Scale = 1024,
        Tags = places => new LocationTags(places, "<loc", LabelSide.After, LabelSide.After, dropped: "<seg"),
    };

    public static GroundingConvention MuseGlimmer { get; } = new() { Name = "muse-glimmer", Order = CoordinateOrder.XyXy, Json = new() { Edges = true } };

    public static GroundingConvention Qwen3VL { get; } = new() { Name = "qwen3-vl", Order = CoordinateOrder.XyXy, Json = s_qwen };

    /// <summary>Pixels of the image as llama.cpp resizes it: sides in steps of 28, 8 to 4096 tokens.</summary>
    public static GroundingConvention Qwen25VL { get; } = new()
    {
        Name = "qwen2.5-vl", Order = CoordinateOrder.XyXy, Pixels = new InputPixels(28, 8, 4096), Json = s_qwen,
    };

    public static GroundingConvention GlmV { get; } = new() { Name = "glm-v", Order = CoordinateOrder.XyXy, Json = s_qwen };

    public static GroundingConvention Gemma { get; } = new() { Name = "gemma-4", Order = CoordinateOrder.YxYx, Json = new() { Box = "box_2d" } };

    public static GroundingConvention Molmo { get; } = new()
    {
        Name = "molmo", Order = CoordinateOrder.XyXy, Scale = 100, Tags = places => new MolmoPoints(places),
    };

    public static GroundingConvention Molmo2 { get; } = new()
    {
        Name = "molmo2", Order = CoordinateOrder.XyXy, Tags = places => new MolmoCoordinates(places),
    };

    public static GroundingConvention InternVL { get; } = new()
    {
        Name = "internvl",
        Order = CoordinateOrder.XyXy,
        Json = new() { Bare = true },
        Tags = places => new ReferenceTags(places, new TagPair("<ref>", "</ref>"), new TagPair("<box>", "</box>")),
    };

    public static GroundingConvention DeepSeekVL2 { get; } = new()
    {
        Name = "deepseek-vl2",
        Order = CoordinateOrder.XyXy,
        Scale = 999,
        Tags = places => new ReferenceTags(places, new TagPair("<|ref|>", "<|/ref|>"), new TagPair("<|det|>", "<|/det|>"), "<|grounding|>"),
    };

    public static GroundingConvention Kosmos2 { get; } = new()
    {
        Name = "kosmos-2", Order = CoordinateOrder.XyXy, Scale = 1, Tags = places => new PatchIndexTags(places),
    };

    /// <summary>What Florence-2 writes of text in an image: its corners, which the same run of tags would else be two boxes of.</summary>
    public static GroundingConvention Florence2Ocr { get; } = Florence("florence-2-ocr", quads: true);

    public static GroundingConvention Florence2 { get; } = Florence("florence-2", quads: false) with { Variant = ("<OCR_WITH_REGION>", Florence2Ocr) };

    public static GroundingConvention Moondream { get; } = new()
    {
        Name = "moondream", Order = CoordinateOrder.XyXy, Scale = 1, Json = new() { Edges = true },
    };

    private static readonly GroundingConvention[] s_all =
    [
        MuseMini, MuseGlimmer, Qwen3VL, Qwen25VL, GlmV, Gemma, PaliGemma, Molmo, Molmo2, InternVL, DeepSeekVL2, Kosmos2, Florence2, Florence2Ocr, Moondream,
    ];

    // First match wins, so the narrower name stands first. Spellings without separators cover files and architectures alike.
    private static readonly (string In, GroundingConvention Convention)[] s_byName =
    [
        ("musemini", MuseMini), ("museglimmer", MuseGlimmer),
        ("qwen2.5vl", Qwen25VL), ("qwen25vl", Qwen25VL), ("qwen3vl", Qwen3VL),
        ("paligemma", PaliGemma), ("gemma4", Gemma),
        ("molmo2", Molmo2), ("molmo", Molmo), ("internvl", InternVL), ("deepseekvl2", DeepSeekVL2), ("kosmos2", Kosmos2),
        ("florence2", Florence2), ("moondream", Moondream), ("glm4.6v", GlmV), ("glm4.5v", GlmV), ("glm4.1v", GlmV), ("glm4v", GlmV), ("glmv", GlmV),
    ];

    /// <summary>The names a setting may give, <see cref="None"/> included.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. s_all.Select(convention => convention.Name), None];

    /// <summary>The convention of that name; null for <see cref="None"/>.</summary>
    /// <returns>Whether there is one.</returns>
    public static bool TryGet(string name, [MaybeNullWhen(true)] out GroundingConvention? convention)
    {
        convention = Array.Find(s_all, known => string.Equals(known.Name, name, StringComparison.OrdinalIgnoreCase));
        return convention is not null || string.Equals(name, None, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The convention a model follows, by its id (<c>Qwen/Qwen3-VL-8B</c>), else by its architecture (<c>qwen3vl</c>); null for one not known.</summary>
    public static GroundingConvention? For(string modelId, string? architecture = null) => Find(modelId) ?? Find(architecture);

    private static GroundingConvention Florence(string name, bool quads) => new()
    {
        Name = name,
        Order = CoordinateOrder.XyXy,
        BinWidth = 1,
        Tags = places => new LocationTags(places, "<loc_", LabelSide.AllBefore, LabelSide.AllBefore, polygon: new TagPair("<poly>", "</poly>"), quads: quads),
    };

    private static GroundingConvention? Find(string? name)
    {
        if (string.IsNullOrEmpty(name))
            return null;
        var plain = string.Concat(name.Where(c => c is not ('-' or '_' or ' ' or '/'))).ToLowerInvariant();
        foreach (var (inName, convention) in s_byName)
        {
            if (plain.Contains(inName, StringComparison.Ordinal))
                return convention;
        }
        return null;
    }
}
