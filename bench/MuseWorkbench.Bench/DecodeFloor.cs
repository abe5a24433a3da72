using System.Diagnostics;
using System.Text.Unicode;
using Microsoft.Extensions.Logging.Abstractions;
using MuseWorkbench.Engine;
using MuseWorkbench.Engine.Images;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Runtimes;

namespace MuseWorkbench.Bench;

/// <summary>
/// The least a run can cost on this runtime: embed the image, prefill the prompt once, fork, and decode. No scheduler,
/// no sampling, no text, no channels. A context of its own, of the engine's size.
/// </summary>
internal sealed class DecodeFloor : IDisposable
{
    private readonly LlamaCppRuntime _runtime;
    private readonly PatchEmbedder _embedder;
    private readonly DecodeBatch _batch = new();

    private DecodeFloor(LlamaCppRuntime runtime, PatchEmbedder embedder)
    {
        _runtime = runtime;
        _embedder = embedder;
        EndTokens = [.. Enumerable.Range(0, runtime.Info.VocabularySize).Where(runtime.IsEndOfGeneration)];
    }

    public string Device => _runtime.Info.Device;

    /// <summary>Tokens that end generation.</summary>
    public IReadOnlyList<int> EndTokens { get; }

    public static DecodeFloor Load(EngineOptions options)
    {
        var runtime = LlamaCppRuntime.Load(
            new LlamaCppOptions
            {
                ModelPath = options.Model,
                ContextCells = options.ContextSize,
                MaxBatch = options.BatchSize,
                PhysicalBatch = Math.Min(options.BatchSize, 512),
                MaxSequences = options.MaxSequences,
                Threads = options.Threads ?? 0,
                GpuLayers = options.GpuLayers,
                FlashAttention = options.FlashAttention,
                NativeDirectory = options.NativeDirectory,
            },
            NullLoggerFactory.Instance, null, CancellationToken.None);
        return new(runtime, PatchEmbedder.Load(options.Projector!));
    }

    /// <summary>Tokens that are part of a character; llama-server fails a request whose text ends up malformed.</summary>
    public IEnumerable<int> PartialTokens => Enumerable.Range(0, _runtime.Info.VocabularySize)
        .Where(token => !Utf8.IsValid(_runtime.TokenToPiece(token, special: true)));

    /// <summary>Tokens of a text.</summary>
    public int Count(string text) => _runtime.Tokenize(text, addSpecial: false, parseSpecial: false).Length;

    /// <param name="roles">What each agent is told by itself after the prompt, prefilled together; none where their prompts are the same.</param>
    public TimeSpan Measure(IReadOnlyList<PromptPart> prompt, RgbImage image, int agents, int tokens, IReadOnlyList<string>? roles = null)
    {
        var started = Stopwatch.GetTimestamp();
        var length = Prefill(prompt, image);
        for (var sequence = 1; sequence < agents; sequence++)
        {
            _runtime.CopySequence(0, sequence, 0, length);
        }

        var lengths = Enumerable.Repeat(length, agents).ToArray();
        for (var sequence = 0; sequence < (roles is null ? 0 : agents); sequence++)
        {
            var role = _runtime.Tokenize(roles![sequence], addSpecial: false, parseSpecial: false);
            for (var at = 0; at < role.Length; at++)
            {
                Add(role[at], lengths[sequence]++, sequence, at == role.Length - 1);
            }
        }

        Decode();
        // The prefill gave every agent its first token; which tokens follow makes no difference to the cost.
        var plain = _runtime.Tokenize("a", addSpecial: false, parseSpecial: false)[0];
        for (var step = 0; step < tokens - 1; step++)
        {
            for (var sequence = 0; sequence < agents; sequence++)
            {
                Add(plain, lengths[sequence] + step, sequence, wantLogits: true);
            }

            Decode();
        }

        var elapsed = Stopwatch.GetElapsedTime(started);
        for (var sequence = 0; sequence < agents; sequence++)
        {
            _runtime.RemoveSequence(sequence, 0, -1);
        }

        return elapsed;
    }

    /// <summary>Bare batched decode after prompts that are already computed, by rows that come and go.</summary>
    /// <param name="prompts">Tokens of each prompt there is.</param>
    /// <param name="agents">Of each its prompt, first step and tokens.</param>
    public TimeSpan MeasureDecode(IReadOnlyList<int> prompts, IReadOnlyList<(int Prompt, int From, int Tokens)> agents)
    {
        var plain = _runtime.Tokenize("a", addSpecial: false, parseSpecial: false)[0];
        for (var i = 0; i < prompts.Count; i++)
        {
            for (var position = 0; position < prompts[i] - 1; position++)
            {
                Add(plain, position, agents.Count + i, wantLogits: false);
            }
        }

        Decode();
        var started = Stopwatch.GetTimestamp();
        for (var step = 0; step < agents.Max(agent => agent.From + agent.Tokens); step++)
        {
            for (var i = 0; i < agents.Count; i++)
            {
                var (at, prompt) = (step - agents[i].From, prompts[agents[i].Prompt]);
                if (at == 0)
                {
                    _runtime.CopySequence(agents.Count + agents[i].Prompt, i, 0, prompt - 1);
                }

                // The prompt's last token gives each its first.
                if (at >= 0 && at < agents[i].Tokens)
                {
                    Add(plain, prompt - 1 + at, i, wantLogits: true);
                }

                if (at == agents[i].Tokens)
                {
                    _runtime.RemoveSequence(i, 0, -1);
                }
            }

            Decode();
        }

        var elapsed = Stopwatch.GetElapsedTime(started);
        for (var sequence = 0; sequence < agents.Count + prompts.Count; sequence++)
        {
            _runtime.RemoveSequence(sequence, 0, -1);
        }

        return elapsed;
    }

    public void Dispose() => _runtime.Dispose();

    private int Prefill(IReadOnlyList<PromptPart> prompt, RgbImage image)
    {
        var position = 0;
        for (var i = 0; i < prompt.Count; i++)
        {
            if (prompt[i] is TextPart text)
            {
                var tokens = _runtime.Tokenize(text.Text, addSpecial: position == 0, parseSpecial: text.Trusted);
                for (var at = 0; at < tokens.Length; at++)
                {
                    Add(tokens[at], position++, 0, i == prompt.Count - 1 && at == tokens.Length - 1);
                }
            }
            else
            {
                // Embedding rows never share a batch with tokens.
                Decode();
                _batch.Embeddings = _embedder.Embed(image);
                _batch.NonCausal = _embedder.NonCausal;
                for (var row = _embedder.CountTokens(image.Width, image.Height); row > 0; row--)
                {
                    AddRow(position++, 0, wantLogits: false);
                }

                Decode();
            }
        }

        Decode();
        return position;
    }

    private void Add(int token, int position, int sequence, bool wantLogits)
    {
        if (_batch.Rows == _runtime.Info.MaxBatch)
        {
            Decode();
        }

        _batch.Tokens.Add(token);
        AddRow(position, sequence, wantLogits);
    }

    private void AddRow(int position, int sequence, bool wantLogits)
    {
        _batch.Positions.Add(position);
        _batch.Sequences.Add(sequence);
        _batch.WantLogits.Add(wantLogits);
    }

    private void Decode()
    {
        if (_batch.Rows > 0 && _runtime.Decode(_batch) is var status and not DecodeStatus.Ok)
        {
            throw new InvalidOperationException($"The runtime's decode ended in {status}.");
        }

        _batch.Clear();
    }
}
