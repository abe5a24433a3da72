using Microsoft.Extensions.Logging.Abstractions;
using MuseWorkbench.Engine.Runtimes;

namespace MuseWorkbench.Engine.Tests.Runtimes;

/// <summary>One loaded muse-mini for the tests of a collection, which run one after another: a context belongs to one thread.</summary>
public sealed class RuntimeFixture : IDisposable
{
    public const int Cells = 512;
    public const int MaxBatch = 128;
    public const int PhysicalBatch = 96;
    public const int MaxSequences = 8;

    public LlamaCppRuntime Runtime { get; } = LlamaCppRuntime.Load(
        new()
        {
            ModelPath = RepositoryFiles.Model,
            ContextCells = Cells,
            MaxBatch = MaxBatch,
            PhysicalBatch = PhysicalBatch,
            MaxSequences = MaxSequences,
            Threads = 1, // tests share their cores
        },
        NullLoggerFactory.Instance,
        progress: null,
        CancellationToken.None);

    /// <summary>The runtime with an empty cache.</summary>
    public LlamaCppRuntime Fresh()
    {
        for (var sequence = 0; sequence < MaxSequences; sequence++)
        {
            Assert.True(Runtime.RemoveSequence(sequence, 0, -1));
        }

        return Runtime;
    }

    public void Dispose() => Runtime.Dispose();
}

[CollectionDefinition]
public sealed class RuntimeCollection : ICollectionFixture<RuntimeFixture>;

internal static class RuntimeExtensions
{
    /// <summary>Computes tokens at the end of a sequence and gives the last one's logits, copied.</summary>
    public static float[] Append(this ILlamaRuntime runtime, int sequence, int position, params ReadOnlySpan<int> tokens)
    {
        var batch = new DecodeBatch();
        foreach (var token in tokens)
        {
            batch.Add(token, position++, sequence, want: batch.Rows == tokens.Length - 1);
        }

        Assert.Equal(DecodeStatus.Ok, runtime.Decode(batch));
        return runtime.GetLogits(batch.Rows - 1).ToArray();
    }

    public static DecodeBatch Add(this DecodeBatch batch, int token, int position, int sequence, bool want)
    {
        batch.Tokens.Add(token);
        batch.Positions.Add(position);
        batch.Sequences.Add(sequence);
        batch.WantLogits.Add(want);
        return batch;
    }

    /// <summary>Largest difference of two rows of logits.</summary>
    public static float Distance(float[] a, float[] b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Max();
}
