using MuseWorkbench.Engine;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Sampling.Grammars;
using MuseWorkbench.EngineNode.Errors;
using MuseWorkbench.EngineNode.Images;

namespace MuseWorkbench.EngineNode.Chat;

/// <summary>A request ready to run: images decoded, prompt rendered, one generation request for each sequence.</summary>
/// <param name="Id">The reply's id.</param>
/// <param name="Created">Seconds since 1970.</param>
/// <param name="Request">What was asked.</param>
/// <param name="Sequences">One or more, of one prompt.</param>
internal sealed record ChatJob(string Id, long Created, ChatRequest Request, IReadOnlyList<GenerationRequest> Sequences)
{
    /// <summary>What stands for an image in <see cref="PromptText"/>: llama.cpp's own marker.</summary>
    public const string ImageMarker = "<__media__>";

    /// <summary>The rendered prompt as the model gets it, a marker in each image's place.</summary>
    public string PromptText => string.Concat(Sequences[0].Prompt.Select(part => part is TextPart text ? text.Text : ImageMarker));

    /// <exception cref="ApiException">Another model, or images for a model that can't see.</exception>
    /// <exception cref="RequestRejectedException">An image can't be decoded.</exception>
    public static async Task<ChatJob> PrepareAsync(ChatRequest request, IInferenceEngine engine, ImageIntake images, TimeProvider time, CancellationToken cancellationToken)
    {
        CheckModel(request.Model, engine);
        var turns = new List<ChatTurn>(request.Messages.Count);
        var pixels = 0L;
        foreach (var message in request.Messages)
        {
            var content = new List<ChatContent>(message.Parts.Count);
            foreach (var part in message.Parts)
            {
                if (part is MessageImage image)
                {
                    var decoded = await DecodeAsync(image, engine, images, cancellationToken);
                    pixels += (long)decoded.Image.Width * decoded.Image.Height;
                    if (pixels > ApiLimits.ImagePixels)
                    {
                        throw new ApiException(ApiError.BadRequest($"The images hold more than {ApiLimits.ImagePixels / 1_000_000} million pixels together.", "invalid_image", image.Parameter));
                    }

                    content.Add(decoded);
                }
                else
                {
                    content.Add(new ChatText(((MessageText)part).Text));
                }
            }

            turns.Add(new ChatTurn(message.Role, content)
            {
                ReasoningContent = message.ReasoningContent,
                ToolCalls = message.ToolCalls,
                ToolCallId = message.ToolCallId,
                Name = message.Name,
            });
        }

        var id = $"chatcmpl-{Guid.CreateVersion7():N}";
        var prompt = Render(request, turns, engine);
        var constraint = Constrain(request, prompt);
        var sequences = Enumerable.Range(0, request.Count).Select(index => new GenerationRequest
        {
            Id = request.Count == 1 ? id : $"{id}/{index}",
            Run = request.RunId ?? id,
            Agent = request.Agent,
            Priority = request.Priority,
            Prompt = prompt,
            Sampling = request.Sampling with { Seed = unchecked(request.Seed + (uint)index), Constraint = constraint },
            MaxTokens = request.MaxTokens ?? engine.Model.ContextLength,
            Stop = request.Stop,
            Pace = ApiLimits.StreamInterval,
            TopLogProbs = request.TopLogProbs,
            // A call is answered, and then the next turn begins with it.
            KeepAnswer = request.CacheAnswer || request.Tools is not null,
            Confidence = request.ConfidenceWindow is not null,
        });
        return new ChatJob(id, time.GetUtcNow().ToUnixTimeSeconds(), request, [.. sequences]);
    }

    /// <summary>What an assistant is to go on with stands, as it is, behind the opening of its turn.</summary>
    private static IReadOnlyList<PromptPart> Render(ChatRequest request, List<ChatTurn> turns, IInferenceEngine engine)
    {
        var begun = request.ContinueFinalMessage ? string.Concat(turns[^1].Content.Cast<ChatText>().Select(part => part.Text)) : "";
        var asked = request.ContinueFinalMessage ? turns[..^1] : turns;
        var prompt = engine.RenderChat(new ChatTemplateInput(asked) { Tools = request.Tools?.Definitions, Variables = request.TemplateVariables });
        return begun.Length > 0 ? [.. prompt, new TextPart(begun, Trusted: false)] : prompt;
    }

    /// <summary>What the output must be. Templates of models that always think end the prompt with the reasoning's opening.</summary>
    private static OutputConstraint? Constrain(ChatRequest request, IReadOnlyList<PromptPart> prompt)
    {
        // Nothing tells a call from an answer that happens to be JSON where calls have no mark: then it is free, and looked at afterwards.
        var grammar = request.Grammar ?? (request.Tools is { Required: false, Format.Open: null } ? null : request.Tools?.Grammar);
        return grammar is null ? null : new OutputConstraint(grammar)
        {
            Trigger = request.Tools is { Required: false } tools ? tools.Format.Open : null,
            InReasoning = request.ContinueFinalMessage
                ? prompt is [.., TextPart begun] && begun.Text.LastIndexOf("<think>", StringComparison.Ordinal) > begun.Text.LastIndexOf("</think>", StringComparison.Ordinal)
                : prompt is [.., TextPart { Trusted: true } end] && end.Text.TrimEnd().EndsWith("<think>", StringComparison.Ordinal),
        };
    }

    private static void CheckModel(string? model, IInferenceEngine engine)
    {
        if (!string.IsNullOrEmpty(model) && model != engine.Model.Id)
        {
            var shown = model.Length <= 100 ? model : model[..100] + "…";
            throw new ApiException(new ApiError(
                StatusCodes.Status404NotFound, $"The model '{shown}' is not served here; '{engine.Model.Id}' is.", ApiError.Invalid, "model_not_found", "model"));
        }
    }

    private static async Task<ChatImage> DecodeAsync(MessageImage image, IInferenceEngine engine, ImageIntake images, CancellationToken cancellationToken)
    {
        if (!engine.Model.Vision)
        {
            throw new ApiException(ApiError.BadRequest($"The model '{engine.Model.Id}' does not take images.", "unsupported_content", image.Parameter));
        }

        try
        {
            return new ChatImage(await images.DecodeAsync(engine, image.Encoded, cancellationToken));
        }
        catch (RequestRejectedException rejected) when (rejected.Parameter is null)
        {
            throw new RequestRejectedException(rejected.Message, rejected.Code, image.Parameter);
        }
    }
}
