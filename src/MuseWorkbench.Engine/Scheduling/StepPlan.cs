using MuseWorkbench.Engine.Runtimes;

namespace MuseWorkbench.Engine.Scheduling;

/// <summary>What one step computes. Reused from step to step.</summary>
internal sealed class StepPlan
{
    /// <summary>Rows for the runtime; for an image its embeddings are still to be put in.</summary>
    public DecodeBatch Batch { get; } = new();

    public List<ScheduledRows> Rows { get; } = [];

    /// <summary>Set where the step is (part of) an image.</summary>
    public ImageSpan? Image { get; set; }

    /// <summary>Sequences that were given a place in the cache.</summary>
    public List<Sequence> Admitted { get; } = [];

    public bool IsEmpty => Rows.Count == 0;

    public void Clear()
    {
        ClearRows();
        Admitted.Clear();
    }

    public void ClearRows()
    {
        Batch.Clear();
        Rows.Clear();
        Image = null;
    }
}

/// <summary>A sequence's part of a step.</summary>
/// <param name="From">First element computed.</param>
/// <param name="LogitsRow">Row of the batch whose logits give the next token; −1 where elements remain.</param>
internal readonly record struct ScheduledRows(Sequence Sequence, int From, int Count, int LogitsRow);
