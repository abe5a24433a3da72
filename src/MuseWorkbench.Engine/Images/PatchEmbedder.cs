using MuseWorkbench.Core;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Runtimes.Gguf;

namespace MuseWorkbench.Engine.Images;

/// <summary>
/// Embeds images for models without a vision tower: patches go through a small projector straight into the decoder.
/// Reads projector files (GGUF) of type <c>gemma4uv</c> and computes them in managed code.
/// </summary>
internal sealed class PatchEmbedder : IImageEmbedder
{
    /// <summary>The type of projector computed here.</summary>
    public const string ProjectorType = "gemma4uv";

    /// <summary>The patches llama.cpp gives an image of this projector type, at least and at most.</summary>
    private const int MinPatches = 40;
    private const int MaxPatches = 280;

    private readonly PatchProjector _projector;
    private readonly int _side;

    private PatchEmbedder(PatchProjector projector, ImageFit fit, int side)
    {
        _projector = projector;
        _side = side;
        Fit = fit;
    }

    public bool NonCausal => true;

    public string Prefix => "<|image>";

    public string Suffix => "<image|>";

    public ImageFit Fit { get; }

    /// <summary>Width of an embedding row: the text model's must be the same.</summary>
    public int EmbeddingWidth => _projector.OutputSize;

    /// <param name="path">A projector file of type <see cref="ProjectorType"/>; see <see cref="ImageEmbedders.IsManaged"/>.</param>
    /// <param name="fit">
    /// Null takes what the file says under <c>muse.image.fit</c>: <c>pad-square</c> (also where it says nothing), for a
    /// model that knows one size of square only, or <c>stretch</c>.
    /// </param>
    /// <exception cref="InvalidDataException">The file is damaged or lacks a part.</exception>
    public static PatchEmbedder Load(string path, ImageFit? fit = null)
    {
        using var file = GgufFile.Open(path);
        var projector = new PatchProjector(file);
        var side = file.RequireInteger("clip.vision.image_size") / projector.PatchSize;
        if (side < 1 || side > projector.MaxSide)
        {
            throw new InvalidDataException($"The projector's image size makes {side} patches a side; its position table holds {projector.MaxSide}.");
        }

        return new(projector, fit ?? ReadFit(file), (int)side * projector.PatchSize);
    }

    public int CountTokens(int width, int height)
    {
        var canvas = CreateCanvas(width, height);
        return canvas.Width / _projector.PatchSize * (canvas.Height / _projector.PatchSize);
    }

    public float[] Embed(RgbImage image)
    {
        var canvas = CreateCanvas(image.Width, image.Height);
        var pixels = Fit == ImageFit.PadSquare ? Resampler.Smooth(image, canvas) : Resampler.Bilinear(image, canvas);
        return _projector.Project(pixels, canvas.Width, canvas.Height);
    }

    /// <exception cref="RequestRejectedException">The image is so long that the model has no positions for its patches.</exception>
    private ModelCanvas CreateCanvas(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        var canvas = Fit == ImageFit.PadSquare
            ? ModelCanvas.PadSquare(width, height, _side)
            : ModelCanvas.Stretch(width, height, _projector.PatchSize, MinPatches, MaxPatches);
        var longest = Math.Max(canvas.Width, canvas.Height) / _projector.PatchSize;
        return longest <= _projector.MaxSide
            ? canvas
            : throw new RequestRejectedException($"The image is too long for its width: the model reads at most {_projector.MaxSide} patches in one direction.", "invalid_image");
    }

    private static ImageFit ReadFit(GgufFile file) => file.FindString("muse.image.fit") switch
    {
        null or "pad-square" => ImageFit.PadSquare,
        "stretch" => ImageFit.Stretch,
        var other => throw new InvalidDataException($"The projector asks for the image fit \"{other}\"; \"pad-square\" and \"stretch\" are known."),
    };
}
