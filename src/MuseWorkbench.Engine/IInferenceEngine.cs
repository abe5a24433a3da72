using MuseWorkbench.Core;
using MuseWorkbench.Engine.Images;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Telemetry;

namespace MuseWorkbench.Engine;

/// <summary>A loaded model serving many requests at once. Thread-safe.</summary>
public interface IInferenceEngine : IAsyncDisposable
{
    ModelInfo Model { get; }

    /// <summary>Decodes images for prompts, within limits.</summary>
    IImageDecoder Images { get; }

    /// <summary>How the model writes calls of tools.</summary>
    ToolCallFormat ToolCalls { get; }

    /// <summary>The model's chat format applied to messages, cut where each message's content stands, so that content is never read as control text.</summary>
    /// <exception cref="RequestRejectedException">The template refuses the chat, or has no place for a part of it.</exception>
    IReadOnlyList<PromptPart> RenderChat(ChatTemplateInput input);

    /// <summary>
    /// Generates one sequence. Requests with a common beginning, in flight or recent, share its computation.
    /// Enumeration may be slow or stop early: the engine never waits for a reader, and a cancelled request's cells are free after the current step.
    /// </summary>
    /// <exception cref="RequestRejectedException">Thrown at the first MoveNext.</exception>
    /// <exception cref="EngineFailedException">The engine failed under it.</exception>
    IAsyncEnumerable<GenerationEvent> GenerateAsync(GenerationRequest request, CancellationToken cancellationToken);

    /// <summary>Snapshots from now on, about five a second (one a second when idle), until cancelled.</summary>
    IAsyncEnumerable<EngineSnapshot> WatchAsync(CancellationToken cancellationToken);

    /// <summary>Every sequence under way and every pinned prompt, as they stand between two steps.</summary>
    /// <exception cref="EngineFailedException">The engine has stopped.</exception>
    Task<IReadOnlyList<EngineSequence>> GetSequencesAsync(CancellationToken cancellationToken);

    /// <summary>The most recent snapshot.</summary>
    EngineSnapshot Snapshot { get; }

    /// <summary>Totals and latency distributions since the engine started, for a metrics endpoint.</summary>
    EngineMetrics Metrics { get; }

    /// <summary>Ends when the engine has stopped for good: normally once disposed, with <see cref="EngineFailedException"/> where native inference can no longer be trusted and only a new process helps.</summary>
    Task Completion { get; }
}
