using MuseWorkbench.Engine.Tests.Runtimes;

namespace MuseWorkbench.Engine.Tests.Mtmd;

/// <summary>Writes a whole GGUF file with random weights in F32.</summary>
internal sealed class GgufModel
{
    private const uint Unsigned = 4, Signed = 5, Float = 6, Boolean = 7, String = 8, Array = 9;

    private readonly List<Action<GgufBytes>> _keys = [];
    private readonly List<(string Name, int[] Dimensions, float[] Values)> _tensors = [];
    private readonly Random _random;

    public GgufModel(string architecture, int seed)
    {
        _random = new Random(seed);
        Set("general.architecture", architecture);
    }

    public GgufModel Set(string key, string value) => Key(f => f.Key(key, String, _ => { }).Text(value));

    public GgufModel Set(string key, int value) => Key(f => f.Key(key, Unsigned, w => w.Write(value)));

    public GgufModel Set(string key, float value) => Key(f => f.Key(key, Float, w => w.Write(value)));

    public GgufModel Set(string key, bool value) => Key(f => f.Key(key, Boolean, w => w.Write(value)));

    public GgufModel Set(string key, int[] values) => Key(f => f.Key(key, Array, w =>
    {
        w.Write(Signed);
        w.Write((ulong)values.Length);
        values.ToList().ForEach(w.Write);
    }));

    public GgufModel Set(string key, float[] values) => Key(f => f.Key(key, Array, w =>
    {
        w.Write(Float);
        w.Write((ulong)values.Length);
        values.ToList().ForEach(w.Write);
    }));

    public GgufModel Set(string key, string[] values) => Key(f =>
    {
        f.Key(key, Array, w =>
        {
            w.Write(String);
            w.Write((ulong)values.Length);
        });
        foreach (var value in values)
        {
            f.Text(value);
        }
    });

    /// <summary>Values evenly spread between −<paramref name="size"/> and <paramref name="size"/>.</summary>
    public GgufModel Tensor(string name, float size, params int[] dimensions) =>
        Add(name, dimensions, () => ((float)_random.NextDouble() - 0.5f) * 2 * size);

    /// <summary>Empties rows of the tensor added last.</summary>
    public GgufModel Clear(Predicate<int> rows)
    {
        var (_, dimensions, values) = _tensors[^1];
        for (var row = 0; row < values.Length / dimensions[0]; row++)
        {
            if (rows(row))
            {
                values.AsSpan(row * dimensions[0], dimensions[0]).Clear();
            }
        }

        return this;
    }

    public GgufModel Ones(string name, int length) => Add(name, [length], () => 1);

    public byte[] ToArray()
    {
        var file = new GgufBytes(tensors: (ulong)_tensors.Count, keys: (ulong)_keys.Count);
        _keys.ForEach(key => key(file));
        var offset = 0ul;
        foreach (var (name, dimensions, values) in _tensors)
        {
            file.Tensor(name, 0, offset, [.. dimensions.Select(d => (ulong)d)]);
            offset += (ulong)((values.Length * sizeof(float)) + 31) / 32 * 32;
        }

        foreach (var (_, _, values) in _tensors)
        {
            file.Align().Raw(w => w.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values)));
        }

        return file.ToArray();
    }

    private GgufModel Key(Action<GgufBytes> write)
    {
        _keys.Add(write);
        return this;
    }

    private GgufModel Add(string name, int[] dimensions, Func<float> next)
    {
        var values = new float[dimensions.Aggregate(1, (a, b) => a * b)];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = next();
        }

        _tensors.Add((name, dimensions, values));
        return this;
    }
}
