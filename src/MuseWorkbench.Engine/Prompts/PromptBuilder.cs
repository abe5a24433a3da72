using MuseWorkbench.Engine.Images;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Runtimes;
using MuseWorkbench.Engine.Scheduling;

namespace MuseWorkbench.Engine.Prompts;

/// <summary>Turns a request's prompt into elements, refusing what can't be served. Thread-safe: tokenising belongs to no thread.</summary>
/// <param name="contextLength">Most elements of one sequence.</param>
internal sealed class PromptBuilder(ILlamaRuntime runtime, IImageEmbedder? embedder, int contextLength)
{
    /// <summary>Most rows one image may take: it is computed in one step where its rows attend to each other.</summary>
    private readonly int _maxImageRows = embedder is { NonCausal: true } ? runtime.Info.MaxPhysicalBatch : contextLength;

    /// <exception cref="RequestRejectedException">It can't be served as asked.</exception>
    public (Elements Elements, IReadOnlyList<RgbImage> Images) Build(GenerationRequest request)
    {
        Check(request.MaxTokens >= 1, "max_tokens must be at least 1.", "invalid_value", "max_tokens");
        Check(request.TopLogProbs is >= -1 and <= 20, "top_logprobs must be between 0 and 20.", "invalid_value", "top_logprobs");
        foreach (var token in request.Sampling.LogitBias.Keys)
        {
            Check(
                (uint)token < (uint)runtime.Info.VocabularySize,
                $"Token {token} of 'logit_bias' is not in the vocabulary, whose ids go from 0 to {runtime.Info.VocabularySize - 1}.",
                "invalid_value", "logit_bias");
        }
        var elements = new Elements();
        var images = new List<RgbImage>();
        foreach (var part in Merge(request.Prompt))
        {
            if (part is ImagePart { Image: var image })
            {
                elements.AddImage(image.ContentHash, LayOut(image));
                images.Add(image);
            }
            else if (part is TextPart { Text.Length: > 0 } text)
            {
                // Only the very beginning may carry the model's begin token.
                elements.AddRange(runtime.Tokenize(text.Text, addSpecial: elements.Count == 0, parseSpecial: text.Trusted));
            }
        }
        Check(elements.Count > 0, "The prompt is empty.", "invalid_value", "messages");
        Check(
            elements.Count < contextLength,
            $"The prompt has {elements.Count} tokens; with one to generate, that is more than the context of {contextLength}.",
            "context_length_exceeded", "messages");
        return (elements, images);
    }

    private IReadOnlyList<ImagePiece> LayOut(RgbImage image)
    {
        Check(embedder is not null, "This model reads no images.", "unsupported_content", "messages");
        var pieces = embedder!.Layout(image.Width, image.Height);
        var rows = pieces.Max(p => p is ImageRows r ? r.Rows : 0);
        Check(
            rows <= _maxImageRows,
            $"An image takes {rows} rows, more than the {_maxImageRows} that can be computed at once.",
            "context_length_exceeded", "messages");
        return pieces;
    }

    /// <summary>Joins neighbouring texts of equal trust: a word cut between parts tokenises as one.</summary>
    private static List<PromptPart> Merge(IReadOnlyList<PromptPart> parts)
    {
        var merged = new List<PromptPart>();
        foreach (var part in parts)
        {
            if (part is TextPart text && merged.LastOrDefault() is TextPart last && last.Trusted == text.Trusted)
            {
                merged[^1] = last with { Text = last.Text + text.Text };
            }
            else
            {
                merged.Add(part);
            }
        }
        return merged;
    }

    private static void Check(bool holds, string message, string code, string parameter)
    {
        if (!holds)
        {
            throw new RequestRejectedException(message, code, parameter);
        }
    }
}
