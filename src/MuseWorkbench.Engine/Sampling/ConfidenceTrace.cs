namespace MuseWorkbench.Engine.Sampling;

/// <summary>
/// The confidences of a sequence's tokens, summed up as DeepConf (arXiv 2508.15260) does. A group is <paramref name="window"/> tokens
/// in a row, one group ending at each token from the window's last on; a shorter sequence is one group.
/// </summary>
/// <param name="window">Tokens of a group, at least 1.</param>
public sealed class ConfidenceTrace(int window)
{
    /// <summary>Tokens at a sequence's end that make its tail.</summary>
    public const int Tail = 2048;

    private readonly List<double> _sums = [0]; // of the first n tokens

    /// <summary>Tokens so far.</summary>
    public int Count => _sums.Count - 1;

    /// <summary>Mean of the latest group; of what there is while it is shorter. 0 before the first token.</summary>
    public double Group => Mean(window);

    /// <summary>Takes in the next token's confidence.</summary>
    public void Add(float confidence) => _sums.Add(_sums[^1] + confidence);

    /// <summary>All of it; null before the first token.</summary>
    public ConfidenceSummary? Summarise()
    {
        if (Count == 0)
        {
            return null;
        }
        var size = Math.Min(window, Count);
        var groups = new double[Count - size + 1];
        for (var i = 0; i < groups.Length; i++)
        {
            groups[i] = (_sums[i + size] - _sums[i]) / size;
        }
        Array.Sort(groups);
        return new(Count, Mean(Count), Mean(Tail), groups[0], groups[..((groups.Length + 9) / 10)].Average());
    }

    private double Mean(int last)
    {
        var count = Math.Min(last, Count);
        return count == 0 ? 0 : (_sums[^1] - _sums[^(count + 1)]) / count;
    }
}

/// <summary>Confidences in nats; higher is surer.</summary>
/// <param name="Tokens">Tokens counted.</param>
/// <param name="Mean">Of all tokens.</param>
/// <param name="Tail">Of the last <see cref="ConfidenceTrace.Tail"/>.</param>
/// <param name="LowestGroup">Of the least sure group.</param>
/// <param name="Bottom10">Of the least sure tenth of the groups, at least one.</param>
public sealed record ConfidenceSummary(int Tokens, double Mean, double Tail, double LowestGroup, double Bottom10);
