using System.Text;

namespace MuseWorkbench.Bench.Compare;

/// <summary>Writes a GGUF file, version 3: keys, then tensors whose bytes are made while they are written, so that size costs no memory.</summary>
internal sealed class GgufWriter
{
    private const int Alignment = 32;

    private readonly List<(string Name, uint Type, Action<BinaryWriter> Write)> _keys = [];
    private readonly List<(string Name, uint Type, long[] Shape, long Bytes, Action<BinaryWriter> Write)> _tensors = [];

    public GgufWriter Key(string name, uint value) => Add(name, 4, w => w.Write(value));

    public GgufWriter Key(string name, float value) => Add(name, 6, w => w.Write(value));

    public GgufWriter Key(string name, bool value) => Add(name, 7, w => w.Write(value));

    public GgufWriter Key(string name, string value) => Add(name, 8, w => WriteText(w, value));

    public GgufWriter Key(string name, IReadOnlyList<string> values) => Array(name, 8, values, WriteText);

    public GgufWriter Key(string name, IReadOnlyList<int> values) => Array(name, 5, values, (w, v) => w.Write(v));

    public GgufWriter Key(string name, IReadOnlyList<float> values) => Array(name, 6, values, (w, v) => w.Write(v));

    /// <summary>A tensor of 32-bit floats; the first dimension varies fastest.</summary>
    public GgufWriter Floats(string name, Func<float> next, params long[] shape) => Tensor(name, 0, 4 * Count(shape), shape, w =>
    {
        for (var i = 0L; i < Count(shape); i++)
        {
            w.Write(next());
        }
    });

    /// <summary>A tensor of Q8_0 blocks: 32 signed bytes under one half-precision scale.</summary>
    public GgufWriter Q8(string name, Half scale, Random random, params long[] shape) => Tensor(name, 8, Count(shape) / 32 * 34, shape, w =>
    {
        var block = new byte[32];
        for (var i = 0L; i < Count(shape) / 32; i++)
        {
            random.NextBytes(block);
            w.Write(scale);
            w.Write(block);
        }
    });

    public void Write(string path)
    {
        using var writer = new BinaryWriter(File.Create(path));
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write((ulong)_tensors.Count);
        writer.Write((ulong)_keys.Count);
        foreach (var (name, type, write) in _keys)
        {
            WriteText(writer, name);
            writer.Write(type);
            write(writer);
        }

        var offset = 0L;
        foreach (var (name, type, shape, bytes, _) in _tensors)
        {
            WriteText(writer, name);
            writer.Write((uint)shape.Length);
            foreach (var dimension in shape)
            {
                writer.Write(dimension);
            }

            writer.Write(type);
            writer.Write(offset);
            offset += (bytes + Alignment - 1) / Alignment * Alignment;
        }

        foreach (var tensor in _tensors)
        {
            Align(writer);
            tensor.Write(writer);
        }

        Align(writer);
    }

    private GgufWriter Add(string name, uint type, Action<BinaryWriter> write)
    {
        _keys.Add((name, type, write));
        return this;
    }

    private GgufWriter Array<T>(string name, uint type, IReadOnlyList<T> values, Action<BinaryWriter, T> write) => Add(name, 9, w =>
    {
        w.Write(type);
        w.Write((ulong)values.Count);
        foreach (var value in values)
        {
            write(w, value);
        }
    });

    private GgufWriter Tensor(string name, uint type, long bytes, long[] shape, Action<BinaryWriter> write)
    {
        _tensors.Add((name, type, shape, bytes, write));
        return this;
    }

    private static long Count(long[] shape) => shape.Aggregate(1L, (product, dimension) => product * dimension);

    private static void Align(BinaryWriter writer)
    {
        writer.Flush();
        while (writer.BaseStream.Position % Alignment != 0)
        {
            writer.Write((byte)0);
        }
    }

    private static void WriteText(BinaryWriter writer, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }
}
