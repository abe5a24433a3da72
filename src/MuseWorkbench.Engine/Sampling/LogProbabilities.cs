using System.Numerics.Tensors;
using MuseWorkbench.Engine.Requests;

namespace MuseWorkbench.Engine.Sampling;

/// <summary>Log-probabilities under the model: temperature 1, before any sampling filter.</summary>
internal static class LogProbabilities
{
    private const int Chunk = 512;

    /// <summary>The drawn token's log-probability and the <paramref name="top"/> likeliest tokens', likeliest first, of equals the first.</summary>
    /// <param name="logits">One row, the whole vocabulary.</param>
    /// <param name="piece">The bytes a token stands for.</param>
    public static TokenLogProbs Compute(ReadOnlySpan<float> logits, int chosen, int top, Func<int, byte[]> piece)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)chosen, (uint)logits.Length, nameof(chosen));
        ArgumentOutOfRangeException.ThrowIfNegative(top);
        var total = LogSumExp(logits);
        var best = Best(logits, Math.Min(top, logits.Length));
        var alternatives = new LogProb[best.Length];
        for (var i = 0; i < best.Length; i++)
        {
            alternatives[i] = Of(best[i], logits);
        }

        return new(Of(chosen, logits), alternatives);

        // An impossible token gets the least number instead of −∞, which JSON cannot write.
        LogProb Of(int token, ReadOnlySpan<float> row) => new(token, piece(token), (float)Math.Clamp(row[token] - total, float.MinValue, 0));
    }

    /// <summary>ln Σ exp(x), shifted by the largest so that nothing overflows; summed in double because a vocabulary is long.</summary>
    internal static double LogSumExp(ReadOnlySpan<float> values)
    {
        var max = TensorPrimitives.Max(values);
        Span<float> buffer = stackalloc float[Chunk];
        var sum = 0.0;
        for (var start = 0; start < values.Length; start += Chunk)
        {
            var part = values[start..Math.Min(start + Chunk, values.Length)];
            var exponentials = buffer[..part.Length];
            TensorPrimitives.Subtract(part, max, exponentials);
            TensorPrimitives.Exp(exponentials, exponentials);
            sum += TensorPrimitives.Sum<float>(exponentials);
        }

        return max + Math.Log(sum);
    }

    /// <summary>The indices of the largest values, in order. Chunks whose largest value is too small are skipped whole.</summary>
    private static int[] Best(ReadOnlySpan<float> values, int count)
    {
        var best = new int[count];
        var found = 0;
        for (var start = 0; count > 0 && start < values.Length; start += Chunk)
        {
            var part = values[start..Math.Min(start + Chunk, values.Length)];
            if (found == count && TensorPrimitives.Max(part) <= values[best[^1]])
            {
                continue;
            }

            for (var i = start; i < start + part.Length; i++)
            {
                if (found < count || values[i] > values[best[^1]])
                {
                    Insert(values, best, ref found, i);
                }
            }
        }

        return best;
    }

    private static void Insert(ReadOnlySpan<float> values, int[] best, ref int found, int index)
    {
        var place = found < best.Length ? found++ : found - 1;
        for (; place > 0 && values[best[place - 1]] < values[index]; place--)
        {
            best[place] = best[place - 1];
        }

        best[place] = index;
    }
}
