namespace MuseWorkbench.Engine.Sampling;

/// <summary>
/// How sure a model is of the next token (DeepConf, arXiv 2508.15260): C = −(1/k) Σ ln p over the k likeliest tokens, under the
/// model at temperature 1. It is low where several tokens are likely (ln k where k are alike), high where one takes all.
/// </summary>
internal static class TokenConfidence
{
    /// <summary>The paper's k.</summary>
    public const int Top = 20;

    /// <summary>The confidence of one row of logits, in nats. Impossible tokens do not count among the k, as their logarithm is no number.</summary>
    public static float Of(ReadOnlySpan<float> logits)
    {
        Span<int> best = stackalloc int[Top];
        var total = LogProbabilities.Scan(logits, ref best, Top);
        var (sum, count) = (0.0, 0);
        foreach (var token in best)
        {
            if (float.IsFinite(logits[token]))
            {
                sum += total - logits[token];
                count++;
            }
        }
        return count == 0 ? 0 : (float)Math.Max(0, sum / count);
    }
}
