namespace MuseWorkbench.Engine.Runtimes.Llama;

/// <summary>Refuses batches that llama.cpp would answer with an abort of the process, or by reading past a buffer.</summary>
internal static class DecodeBatchChecks
{
    /// <exception cref="ArgumentException">The batch is malformed; the message says how.</exception>
    public static void Check(DecodeBatch batch, RuntimeInfo info)
    {
        var rows = batch.Rows;
        if (rows == 0)
        {
            throw new ArgumentException("The batch is empty.", nameof(batch));
        }

        if (rows > info.MaxBatch)
        {
            throw new ArgumentException($"The batch has {rows} rows; {info.MaxBatch} is the most.", nameof(batch));
        }

        if (batch.NonCausal && rows > info.MaxPhysicalBatch)
        {
            throw new ArgumentException($"A non-causal batch has {rows} rows; {info.MaxPhysicalBatch} is the most.", nameof(batch));
        }

        if (batch.Sequences.Count != rows || batch.WantLogits.Count != rows)
        {
            throw new ArgumentException("Positions, sequences and wanted logits must have one entry a row.", nameof(batch));
        }

        if (batch.Axes.Count != 0 && (batch.Axes.Count != rows || batch.Embeddings.IsEmpty))
        {
            throw new ArgumentException("Places on several axes are for embeddings, one a row.", nameof(batch));
        }

        CheckInput(batch, info);
        CheckRows(batch, info);
    }

    private static void CheckInput(DecodeBatch batch, RuntimeInfo info)
    {
        var rows = batch.Rows;
        if (batch.Embeddings.IsEmpty)
        {
            if (batch.Tokens.Count != rows)
            {
                throw new ArgumentException($"The batch has {batch.Tokens.Count} tokens for {rows} rows.", nameof(batch));
            }

            foreach (var token in batch.Tokens)
            {
                if ((uint)token >= (uint)info.VocabularySize)
                {
                    throw new ArgumentException($"The batch holds token {token}; ids run from 0 to {info.VocabularySize - 1}.", nameof(batch));
                }
            }
        }
        else if (batch.Tokens.Count != 0)
        {
            throw new ArgumentException("A batch holds tokens or embeddings, not both.", nameof(batch));
        }
        else if (batch.Embeddings.Length != (long)rows * info.EmbeddingWidth)
        {
            throw new ArgumentException(
                $"The embeddings hold {batch.Embeddings.Length} values; {rows} rows of {info.EmbeddingWidth} are needed.", nameof(batch));
        }
    }

    private static void CheckRows(DecodeBatch batch, RuntimeInfo info)
    {
        var wanted = 0;
        for (var row = 0; row < batch.Rows; row++)
        {
            var sequence = batch.Sequences[row];
            if ((uint)sequence >= (uint)info.MaxSequences)
            {
                throw new ArgumentException($"Row {row} is of sequence {sequence}; ids run from 0 to {info.MaxSequences - 1}.", nameof(batch));
            }

            if (batch.NonCausal && sequence != batch.Sequences[0])
            {
                throw new ArgumentException("A non-causal batch holds one sequence only.", nameof(batch));
            }

            if (batch.Positions[row] < 0)
            {
                throw new ArgumentException($"Row {row} is at position {batch.Positions[row]}.", nameof(batch));
            }

            wanted += batch.WantLogits[row] ? 1 : 0;
        }

        if (wanted > info.MaxSequences)
        {
            throw new ArgumentException(
                $"The batch wants the logits of {wanted} rows; one for each of {info.MaxSequences} sequences is the most.", nameof(batch));
        }
    }
}
