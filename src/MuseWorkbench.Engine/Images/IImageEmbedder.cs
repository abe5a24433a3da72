namespace MuseWorkbench.Engine.Images;

/// <summary>Turns an image into rows the model reads in place of tokens. Thread-safe.</summary>
public interface IImageEmbedder
{
    /// <summary>Rows the image will take, all pieces together; known before any work is done.</summary>
    int CountTokens(int width, int height);

    /// <summary>What the image becomes in a prompt, in order; known before any work is done. By default one piece of rows, each with a position of its own.</summary>
    /// <exception cref="Requests.RequestRejectedException">The image's shape can't be read by the model.</exception>
    IReadOnlyList<ImagePiece> Layout(int width, int height)
    {
        var rows = CountTokens(width, height);
        return [new ImageRows(rows, rows)];
    }

    /// <summary>The rows of all pieces in order × embedding width, row-major.</summary>
    float[] Embed(RgbImage image);

    /// <summary>Whether the rows of a piece attend to each other in both directions.</summary>
    bool NonCausal { get; }

    /// <summary>Whether images are computed one after another; the caller then waits without keeping a thread.</summary>
    bool Serial => false;

    /// <summary>Text put before and after the image's pieces (trusted; may be empty).</summary>
    string Prefix { get; }

    /// <inheritdoc cref="Prefix"/>
    string Suffix { get; }

    /// <summary>How the image is brought to size.</summary>
    Core.ImageFit Fit { get; }
}
