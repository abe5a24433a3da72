using System.Text;
using MuseWorkbench.Engine.Images;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Sampling;

namespace MuseWorkbench.Engine.Tests.Mtmd;

/// <summary>Greedy answers to a question about an image.</summary>
internal static class Answers
{
    public static async Task<string> AnswerAsync(this IInferenceEngine engine, RgbImage image, string question, int tokens, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        await foreach (var item in GenerateAsync(engine, image, question, tokens, cancellationToken))
        {
            text.Append(item switch { TokenGenerated t => t.Text, GenerationFinished f => f.Text, _ => "" });
        }

        return text.ToString();
    }

    public static async Task<int[]> TokensAsync(this IInferenceEngine engine, RgbImage image, string question, int tokens, CancellationToken cancellationToken)
    {
        var ids = new List<int>();
        await foreach (var item in GenerateAsync(engine, image, question, tokens, cancellationToken))
        {
            ids.AddRange(item is TokenGenerated t ? [t.Token] : []);
        }

        return [.. ids];
    }

    private static IAsyncEnumerable<GenerationEvent> GenerateAsync(
        IInferenceEngine engine, RgbImage image, string question, int tokens, CancellationToken cancellationToken) => engine.GenerateAsync(
        new GenerationRequest
        {
            Id = "r",
            Prompt = engine.RenderChat(new([new ChatTurn("user", [new ChatImage(image), new ChatText(question)])])),
            Sampling = new SamplingOptions { Temperature = 0 },
            MaxTokens = tokens,
        },
        cancellationToken);
}
