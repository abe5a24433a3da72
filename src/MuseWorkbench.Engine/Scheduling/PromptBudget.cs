namespace MuseWorkbench.Engine.Scheduling;

/// <summary>
/// How many prompt rows a step may carry so that sequences that generate are not held up: as many as fit in the time a step may
/// take, by what rows cost in the latest steps. Where the generating rows alone take long, prompts may double that: anything less
/// would hold up the prompts for hardly a gain. Without anyone generating, as many as the batch holds.
/// </summary>
/// <param name="maxRows">Rows of one step.</param>
/// <param name="stallMs">Milliseconds a step may take while sequences generate.</param>
internal sealed class PromptBudget(int maxRows, double stallMs)
{
    /// <summary>Fewer would hardly use the processor's width, and the prompt has to get on.</summary>
    internal const int Least = 16;

    private const double Weight = .25;

    /// <summary>While nothing is known.</summary>
    private const int First = 64;

    private double? _rowMs;
    private double? _generationMs;

    public int Rows(bool generating) => !generating ? maxRows : Math.Min(maxRows, _rowMs is { } rowMs
        ? (int)Math.Clamp(Math.Max(stallMs - (_generationMs ?? 0), _generationMs ?? 0) / rowMs, Least, maxRows)
        : First);

    /// <summary>Learns from a step.</summary>
    /// <param name="promptRows">Rows of prompts in it, tokens or an image's.</param>
    /// <param name="generating">Rows of generating sequences in it.</param>
    public void Observe(int promptRows, int generating, double milliseconds)
    {
        if (promptRows == 0)
        {
            _generationMs = Average(_generationMs, milliseconds);
        }
        // A few rows more than the generating ones cost next to nothing; what they would tell is noise.
        else if (promptRows >= Least)
        {
            _rowMs = Average(_rowMs, Math.Max(1e-6, (milliseconds - (generating > 0 ? _generationMs ?? 0 : 0)) / promptRows));
        }
    }

    private static double Average(double? known, double seen) => known is { } value ? value + Weight * (seen - value) : seen;
}
