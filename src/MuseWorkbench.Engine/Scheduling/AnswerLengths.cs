namespace MuseWorkbench.Engine.Scheduling;

/// <summary>How many tokens requests come to, by those that have ended lately: what is likely still to be generated.</summary>
internal sealed class AnswerLengths
{
    private const double Weight = .25;

    private double _mean;

    /// <summary>Learns from a request that ends, finished or not.</summary>
    public void Observe(Sequence sequence)
    {
        if (sequence.Generated > 0)
        {
            _mean = _mean == 0 ? sequence.Generated : _mean + Weight * (sequence.Generated - _mean);
        }
    }

    /// <summary>Tokens it is likely still to generate; 0 while no request has ended.</summary>
    public int Left(Sequence sequence) => Math.Max(0, Math.Min((int)_mean, sequence.MaxLength - sequence.PromptLength) - sequence.Generated);
}
