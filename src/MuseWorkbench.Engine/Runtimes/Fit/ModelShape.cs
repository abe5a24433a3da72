using MuseWorkbench.Engine.Runtimes.Gguf;

namespace MuseWorkbench.Engine.Runtimes.Fit;

/// <summary>The sizes of a model that decide how much memory it takes, as its file tells them.</summary>
/// <param name="WeightBytes">Of all tensors.</param>
/// <param name="Parameters">Elements of all tensors.</param>
/// <param name="Layers">Blocks of the decoder.</param>
/// <param name="Width">Of a row between layers.</param>
/// <param name="Hidden">Of the feed-forward part; the largest where layers differ.</param>
/// <param name="Heads">Of queries.</param>
/// <param name="KvHeads">Of keys and values, by layer.</param>
/// <param name="KeyWidth">Of one head's key.</param>
/// <param name="ValueWidth">Of one head's value.</param>
/// <param name="Vocabulary">Tokens.</param>
internal sealed record ModelShape(
    long WeightBytes, long Parameters, int Layers, int Width, int Hidden, int Heads, IReadOnlyList<int> KvHeads, int KeyWidth, int ValueWidth, int Vocabulary)
{
    /// <summary>Layers × heads × (key + value width): multiply-adds of attention for each cell.</summary>
    public long AttentionPerCell => (long)Layers * Heads * (KeyWidth + ValueWidth);

    /// <summary>Reads it from a text model's metadata.</summary>
    /// <returns>Null where the file lacks what is needed: nothing can be said then.</returns>
    public static ModelShape? Read(GgufFile file)
    {
        if (file.FindString("general.architecture") is not { } architecture
            || Find("block_count") is not { } layers || Find("embedding_length") is not { } width || Largest("attention.head_count") is not { } heads
            || layers < 1 || width < 1 || heads < 1)
        {
            return null;
        }

        var kv = PerLayer("attention.head_count_kv", layers) ?? [.. Enumerable.Repeat(heads, layers)];
        var vocabulary = file.Metadata.GetValueOrDefault("tokenizer.ggml.tokens") is Array tokens ? tokens.Length : Find("vocab_size") ?? 0;
        return new(
            file.Tensors.Values.Sum(tensor => tensor.Bytes), file.Tensors.Values.Sum(tensor => tensor.Elements), layers, width, Largest("feed_forward_length") ?? 4 * width, heads, kv,
            Find("attention.key_length") ?? width / heads, Find("attention.value_length") ?? width / heads, vocabulary);

        object? Value(string key) => file.Metadata.GetValueOrDefault($"{architecture}.{key}");

        int? Find(string key) => Value(key) is { } value and not Array ? ToInt(value) : null;

        int[]? PerLayer(string key, int count) => Value(key) switch
        {
            null => null,
            Array values => [.. values.Cast<object>().Select(value => ToInt(value) ?? 0).Take(count)],
            var value => ToInt(value) is { } same ? [.. Enumerable.Repeat(same, count)] : null,
        };

        int? Largest(string key) => Value(key) is Array values ? values.Cast<object>().Max(ToInt) : Find(key);
    }

    private static int? ToInt(object value) => value switch
    {
        byte or sbyte or short or ushort or int => Convert.ToInt32(value, System.Globalization.CultureInfo.InvariantCulture),
        uint v and <= int.MaxValue => (int)v,
        long v and >= 0 and <= int.MaxValue => (int)v,
        ulong v and <= int.MaxValue => (int)v,
        _ => null,
    };
}
