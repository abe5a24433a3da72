namespace MuseWorkbench.Engine.Runtimes.Gguf.Preflight;

/// <summary>Whether weights are stored as something the graph can compute with. That they lie inside the file, the reader has checked.</summary>
internal static class TensorChecks
{
    /// <summary>
    /// llama.cpp takes any storage for a weight and calls a missing kernel when it multiplies by it: integers, 64-bit
    /// numbers, and the block types it uses for intermediate results. Vectors are added and multiplied as F32 only.
    /// </summary>
    public static void CanBeComputedWith(ModelHeader model)
    {
        foreach (var tensor in model.File.Tensors.Values)
        {
            if (tensor.Type is GgufTensorType.I8 or GgufTensorType.I16 or GgufTensorType.I64 or GgufTensorType.F64 or GgufTensorType.Q8_1 or GgufTensorType.Q8_K
                // Tables of token ids, the one use of integers.
                || (tensor.Type == GgufTensorType.I32 && tensor.Name.EndsWith(".weight", StringComparison.Ordinal) && !tensor.Name.Contains("tid2eid", StringComparison.Ordinal)))
            {
                throw model.Unusable($"tensor \"{tensor.Name}\" is stored as {tensor.Type}, with which nothing can be computed");
            }

            if (tensor.Dimensions.Skip(1).All(size => size == 1) && tensor.Type is not (GgufTensorType.F32 or GgufTensorType.I32))
            {
                throw model.Unusable($"tensor \"{tensor.Name}\", a vector, is stored as {tensor.Type}; vectors must be F32");
            }
        }
    }

    public static void EmbeddingFitsTheVocabulary(ModelHeader model)
    {
        if (!model.File.Tensors.TryGetValue("token_embd.weight", out var embedding) || model.FindOne("embedding_length") is not { } width)
        {
            return;
        }

        var tokens = model.File.RequireArray<string>(VocabularyChecks.Tokens).Count;
        if (!embedding.Dimensions.SequenceEqual([width, tokens]))
        {
            throw model.Unusable($"its token embeddings are {string.Join(" × ", embedding.Dimensions)}; {tokens} tokens of width {width} need {width} × {tokens}");
        }
    }
}
