using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Logging;
using MuseWorkbench.Engine.Images;
using MuseWorkbench.Engine.Runtimes;

namespace MuseWorkbench.Engine;

/// <summary>Puts an engine together from options.</summary>
public static class EngineFactory
{
    /// <summary>Loads a model and, where one is named, its image projector. Takes from milliseconds to minutes, on the thread pool.</summary>
    /// <param name="progress">Share of the weights read, 0 to 1.</param>
    /// <exception cref="EngineLoadException">It can't be loaded; the message says why.</exception>
    /// <exception cref="OperationCanceledException">Cancelled while loading.</exception>
    public static Task<IInferenceEngine> LoadAsync(
        EngineOptions options, ILoggerFactory loggers, IProgress<float>? progress, CancellationToken cancellationToken) =>
        Task.Run<IInferenceEngine>(() => Load(options, loggers, progress, cancellationToken), cancellationToken);

    /// <summary>What an engine of these options would take of a device, and what is free there. Loads nothing.</summary>
    /// <exception cref="EngineLoadException">It can't be said; the message says why.</exception>
    public static EngineFit Look(EngineOptions options)
    {
        try
        {
            Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
            return LlamaCppRuntime.Look(Describe(options));
        }
        catch (Exception exception) when (IsLoadFailure(exception))
        {
            throw new EngineLoadException(exception.Message, exception);
        }
    }

    private static InferenceEngine Load(
        EngineOptions options, ILoggerFactory loggers, IProgress<float>? progress, CancellationToken cancellationToken)
    {
        try
        {
            Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
            foreach (var path in (IEnumerable<string?>)[options.Model, options.Projector])
            {
                if (File.Exists(path))
                {
                    FileSums.Check(path, cancellationToken);
                }
            }

            // What is quick to find wrong comes first.
            var type = "";
            IImageEmbedder? embedder = options.Projector is not null && ImageEmbedders.IsManaged(Existing(options.Projector, "image projector"), options.ImageEncoder, out type)
                ? PatchEmbedder.Load(options.Projector, options.ImageFit)
                : null;
            var runtime = LlamaCppRuntime.Load(Describe(options), loggers, progress, cancellationToken);
            try
            {
                CheckWidths(embedder as PatchEmbedder, runtime.Info);
                if (options.Projector is not null)
                {
                    embedder ??= ImageEmbedders.LoadMtmd(options, type, runtime);
                }
                return new InferenceEngine(
                    Path.GetFileNameWithoutExtension(options.Model), runtime, new VipsImageDecoder(), embedder, options,
                    loggers.CreateLogger<InferenceEngine>(), TimeProvider.System);
            }
            catch
            {
                (embedder as IDisposable)?.Dispose();
                runtime.Dispose();
                throw;
            }
        }
        catch (Exception exception) when (IsLoadFailure(exception))
        {
            throw new EngineLoadException(exception.Message, exception);
        }
    }

    private static bool IsLoadFailure(Exception exception) => exception is IOException or InvalidDataException or UnauthorizedAccessException or ValidationException
        or NotSupportedException or RuntimeLoadException or DllNotFoundException or BadImageFormatException;

    private static LlamaCppOptions Describe(EngineOptions options) => new()
    {
        ModelPath = Existing(options.Model, "model"),
        ContextCells = options.ContextSize,
        MaxBatch = options.BatchSize,
        PhysicalBatch = Math.Min(options.BatchSize, 512),
        MaxSequences = options.MaxSequences,
        Threads = options.Threads ?? 0,
        GpuLayers = options.GpuLayers,
        Devices = options.Devices?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [],
        KvType = options.KvType,
        FlashAttention = options.FlashAttention,
        NativeDirectory = options.NativeDirectory,
        CheckTensors = options.CheckTensors,
    };

    private static string Existing(string path, string what) =>
        File.Exists(path) ? path : throw new FileNotFoundException($"There is no {what} at {Path.GetFullPath(path)}.");

    private static void CheckWidths(PatchEmbedder? embedder, RuntimeInfo model)
    {
        if (embedder is not null && embedder.EmbeddingWidth != model.EmbeddingWidth)
        {
            throw new InvalidDataException(
                $"The image projector is for another model: its rows are {embedder.EmbeddingWidth} wide, the model's {model.EmbeddingWidth}.");
        }
    }
}

/// <summary>An engine can't be loaded as configured. The message is one for the person who configured it.</summary>
public sealed class EngineLoadException(string message, Exception? inner = null) : Exception(message, inner);
