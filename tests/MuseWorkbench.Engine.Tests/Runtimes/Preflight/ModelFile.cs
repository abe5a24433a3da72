namespace MuseWorkbench.Engine.Tests.Runtimes.Preflight;

/// <summary>A small model file that passes every check, and ways to spoil it.</summary>
internal sealed class ModelFile
{
    public const int Width = 32;
    public const int Heads = 2;

    private readonly List<(string Key, uint Type, Action<BinaryWriter> Write)> _keys = [];
    private readonly List<(string Name, uint Type, ulong[] Dimensions, int Bytes)> _tensors = [];

    public ModelFile()
    {
        Text("general.architecture", "llama");
        Number("llama.block_count", 1).Number("llama.context_length", 64).Number("llama.embedding_length", Width);
        Number("llama.attention.head_count", Heads).Number("llama.attention.head_count_kv", 1);
        Text("tokenizer.ggml.model", "gpt2").Texts("tokenizer.ggml.tokens", "a", "b", "c", "d");
        Integers("tokenizer.ggml.token_type", 1, 1, 1, 1).Texts("tokenizer.ggml.merges", "a b");
        Number("tokenizer.ggml.bos_token_id", 0).Number("tokenizer.ggml.eos_token_id", 1);
        Tensor("token_embd.weight", 0, Width * 4 * 4, Width, 4).Tensor("output_norm.weight", 0, Width * 4, Width);
    }

    public ModelFile Text(string key, string value) => Put(key, 8, w => Write(w, value));

    public ModelFile Number(string key, uint value) => Put(key, 4, w => w.Write(value));

    public ModelFile Fraction(string key, float value) => Put(key, 6, w => w.Write(value));

    public ModelFile Flag(string key, bool value) => Put(key, 7, w => w.Write(value));

    public ModelFile Short(string key, ushort value) => Put(key, 2, w => w.Write(value));

    public ModelFile Texts(string key, params string[] values) => List(key, 8, values, Write);

    public ModelFile Integers(string key, params int[] values) => List(key, 5, values, (w, v) => w.Write(v));

    public ModelFile Fractions(string key, params float[] values) => List(key, 6, values, (w, v) => w.Write(v));

    public ModelFile Bytes(string key, params byte[] values) => List(key, 0, values, (w, v) => w.Write(v));

    public ModelFile Without(string key)
    {
        _keys.RemoveAll(k => k.Key == key);
        return this;
    }

    /// <param name="type">As ggml numbers it.</param>
    /// <param name="bytes">Of its data.</param>
    public ModelFile Tensor(string name, uint type, int bytes, params ulong[] dimensions)
    {
        var at = _tensors.FindIndex(t => t.Name == name);
        if (at < 0)
        {
            _tensors.Add((name, type, dimensions, bytes));
        }
        else
        {
            _tensors[at] = (name, type, dimensions, bytes);
        }

        return this;
    }

    public byte[] ToArray()
    {
        var bytes = new GgufBytes(tensors: (ulong)_tensors.Count, keys: (ulong)_keys.Count);
        foreach (var (key, type, write) in _keys)
        {
            bytes.Key(key, type, write);
        }

        var offset = 0;
        foreach (var (name, type, dimensions, length) in _tensors)
        {
            bytes.Tensor(name, type, (ulong)offset, dimensions);
            offset += (length + 31) / 32 * 32;
        }

        return bytes.Align().Raw(w => w.Write(new byte[offset])).ToArray();
    }

    private ModelFile List<T>(string key, uint type, T[] values, Action<BinaryWriter, T> write) => Put(key, 9, w =>
    {
        w.Write(type);
        w.Write((ulong)values.Length);
        foreach (var value in values)
        {
            write(w, value);
        }
    });

    private ModelFile Put(string key, uint type, Action<BinaryWriter> write)
    {
        var at = _keys.FindIndex(k => k.Key == key);
        if (at < 0)
        {
            _keys.Add((key, type, write));
        }
        else
        {
            _keys[at] = (key, type, write);
        }

        return this;
    }

    /// <summary>Latin-1, so that a test can write bytes that are no UTF-8.</summary>
    private static void Write(BinaryWriter writer, string value)
    {
        writer.Write((ulong)value.Length);
        writer.Write(System.Text.Encoding.Latin1.GetBytes(value));
    }
}
