using System.Numerics.Tensors;
using MuseWorkbench.Engine.Requests;

namespace MuseWorkbench.Engine.Sampling;

/// <summary>Log-probabilities under the model: temperature 1, before any sampling filter.</summary>
internal static class LogProbabilities
{
    /// <summary>Most alternatives the API asks for; more cost an allocation.</summary>
    private const int MaxTop = 20;

    private const int Chunk = 512;

    /// <summary>The drawn token's log-probability and the <paramref name="top"/> likeliest tokens', likeliest first, of equals the first.</summary>
    /// <param name="logits">One row, the whole vocabulary.</param>
    /// <param name="piece">The bytes a token stands for.</param>
    public static TokenLogProbs Compute(ReadOnlySpan<float> logits, int chosen, int top, Func<int, byte[]> piece)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)chosen, (uint)logits.Length, nameof(chosen));
        ArgumentOutOfRangeException.ThrowIfNegative(top);
        Span<int> best = top <= MaxTop ? stackalloc int[MaxTop] : new int[top];
        var total = Scan(logits, ref best, top);
        var alternatives = best.IsEmpty ? [] : new LogProb[best.Length];
        for (var i = 0; i < best.Length; i++)
        {
            alternatives[i] = Of(best[i], logits);
        }

        return new(Of(chosen, logits), alternatives);

        // An impossible token gets the least number instead of −∞, which JSON cannot write.
        LogProb Of(int token, ReadOnlySpan<float> row) => new(token, piece(token), (float)Math.Clamp(row[token] - total, float.MinValue, 0));
    }

    /// <summary>
    /// One pass over a row: gives ln Σ exp(x), shifted by the largest so far so that nothing overflows and summed in double because
    /// a vocabulary is long; and leaves in <paramref name="best"/> the indices of the <paramref name="count"/> largest, in order, of
    /// equals the first. Chunks whose largest value is too small for those are not looked at one by one.
    /// </summary>
    internal static double Scan(ReadOnlySpan<float> values, ref Span<int> best, int count)
    {
        best = best[..Math.Min(count, values.Length)];
        Span<float> exponentials = stackalloc float[Chunk];
        var (max, sum, found) = (float.NegativeInfinity, 0.0, 0);
        for (var start = 0; start < values.Length; start += Chunk)
        {
            var part = values[start..Math.Min(start + Chunk, values.Length)];
            var largest = TensorPrimitives.Max(part);
            if (largest > max)
            {
                sum *= Math.Exp(max - largest);
                max = largest;
            }
            if (largest > float.NegativeInfinity)
            {
                TensorPrimitives.Subtract(part, max, exponentials);
                TensorPrimitives.Exp(exponentials[..part.Length], exponentials);
                sum += TensorPrimitives.Sum<float>(exponentials[..part.Length]);
            }
            if (!best.IsEmpty && (found < best.Length || largest > values[best[^1]]))
            {
                for (var i = start; i < start + part.Length; i++)
                {
                    if (found < best.Length || values[i] > values[best[^1]])
                    {
                        Insert(values, best, ref found, i);
                    }
                }
            }
        }
        return max + Math.Log(sum);
    }

    private static void Insert(ReadOnlySpan<float> values, Span<int> best, ref int found, int index)
    {
        var place = found < best.Length ? found++ : found - 1;
        for (; place > 0 && values[best[place - 1]] < values[index]; place--)
        {
            best[place] = best[place - 1];
        }
        best[place] = index;
    }
}
