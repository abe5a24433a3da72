namespace MuseWorkbench.Core;

/// <summary>How a vision model wants an image brought to size before it is cut into patches.</summary>
public enum ImageFit
{
    /// <summary>Scaled into a square, centred, the rest filled with the edge colour; the model's coordinates are the square's.</summary>
    PadSquare,

    /// <summary>Stretched to a size close to the image's own shape; the model's coordinates are the image's.</summary>
    Stretch,
}

/// <summary>What a served model is and can do, as <c>GET /v1/models</c> tells it.</summary>
public sealed record ModelInfo
{
    public required string Id { get; init; }
    public required int ContextLength { get; init; }
    /// <summary>The model's architecture as its file names it (<c>general.architecture</c>), such as <c>qwen3vl</c>; null where its server doesn't say.</summary>
    public string? Architecture { get; init; }
    /// <summary>How the model writes places, where that was set rather than left to its name and architecture; one of the names in docs/grounding.md.</summary>
    public string? Grounding { get; init; }
    public long Parameters { get; init; }
    public long SizeBytes { get; init; }
    public bool Vision { get; init; }
    /// <summary>Meaningful where <see cref="Vision"/> is true.</summary>
    public ImageFit ImageFit { get; init; } = ImageFit.Stretch;
    /// <summary>Tokens of an image of <see cref="ImageSide"/> pixels a side, of every image where <see cref="ImageFit"/> is <see cref="Core.ImageFit.PadSquare"/>; null where its server doesn't say.</summary>
    public int? ImageTokens { get; init; }
    /// <summary>Most sequences decoded at once.</summary>
    public int MaxSequences { get; init; }
    /// <summary>Which chat template is used: <c>gguf</c> (the model file's own), <c>built-in:NAME</c> (llama.cpp's, by that name or <c>detected</c>) or <c>none</c>.</summary>
    public string? ChatTemplate { get; init; }
    /// <summary>Why it is not the model file's own; null where it is.</summary>
    public string? ChatTemplateReason { get; init; }

    /// <summary>Pixels a side of the image that <see cref="ImageTokens"/> is for.</summary>
    public const int ImageSide = 448;

    /// <summary>Tokens an image is reckoned at where nobody says.</summary>
    private const int UsualImageTokens = 256;

    /// <summary>Tokens of an image, about: an estimate before it is shown.</summary>
    /// <param name="model">Null where it isn't known.</param>
    /// <param name="scale">How much larger than it is it is shown, per side.</param>
    public static int EstimateImage(ModelInfo? model, double scale = 1) =>
        (int)Math.Round((model?.ImageTokens ?? UsualImageTokens) * (model?.ImageFit == ImageFit.PadSquare ? 1 : scale * scale));
}
