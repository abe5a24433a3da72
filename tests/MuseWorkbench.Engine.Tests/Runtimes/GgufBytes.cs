using System.Text;

namespace MuseWorkbench.Engine.Tests.Runtimes;

/// <summary>Writes GGUF bytes, well or badly formed.</summary>
internal sealed class GgufBytes
{
    private readonly List<Action<BinaryWriter>> _parts = [];

    public GgufBytes(uint version = 3, ulong tensors = 0, ulong keys = 0) => Raw(w =>
    {
        w.Write("GGUF"u8);
        w.Write(version);
        w.Write(tensors);
        w.Write(keys);
    });

    public GgufBytes Text(string value) => Raw(w =>
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        w.Write((ulong)bytes.Length);
        w.Write(bytes);
    });

    public GgufBytes Key(string key, uint type, Action<BinaryWriter> value) => Text(key).Raw(w => w.Write(type)).Raw(value);

    public GgufBytes Tensor(string name, uint type, ulong offset, params ulong[] dimensions) => Text(name).Raw(w =>
    {
        w.Write((uint)dimensions.Length);
        foreach (var dimension in dimensions)
        {
            w.Write(dimension);
        }

        w.Write(type);
        w.Write(offset);
    });

    public GgufBytes Align(int alignment = 32) => Raw(w =>
    {
        while (w.BaseStream.Length % alignment != 0)
        {
            w.Write((byte)0);
        }
    });

    public GgufBytes Raw(Action<BinaryWriter> write)
    {
        _parts.Add(write);
        return this;
    }

    public byte[] ToArray()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        foreach (var part in _parts)
        {
            part(writer);
        }

        return stream.ToArray();
    }
}
