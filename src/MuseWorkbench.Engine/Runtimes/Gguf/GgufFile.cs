using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace MuseWorkbench.Engine.Runtimes.Gguf;

/// <summary>
/// A GGUF file (version 2 or 3, little-endian) read in managed code: all metadata, where each tensor lies, and tensor
/// data on demand. The whole header is checked on opening, tensor extents included, so a file that opens is not
/// truncated. Thread-safe.
/// </summary>
internal sealed class GgufFile : IDisposable
{
    private readonly FileStream _file;
    private readonly string _path;

    private GgufFile(FileStream file, string path)
    {
        _file = file;
        _path = path;
        (Version, Metadata, Tensors) = new GgufHeaderReader(file, file.Length, path).Read();
    }

    public uint Version { get; }

    /// <summary>Values by key: a number of its own .NET type, <see cref="bool"/>, <see cref="string"/>, or an array of one of these.</summary>
    public IReadOnlyDictionary<string, object> Metadata { get; }

    /// <summary>Tensors by name.</summary>
    public IReadOnlyDictionary<string, GgufTensor> Tensors { get; }

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">Not GGUF, damaged or truncated; the message says where.</exception>
    public static GgufFile Open(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"There is no file {path}.", path);
        }

        // The stream buffers the header's small reads; tensor data is read past it, by offset, through its handle.
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
        try
        {
            return new(file, path);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The value, or null where the key is missing.</summary>
    /// <exception cref="InvalidDataException">It is not a text.</exception>
    public string? FindString(string key) => Find<string>(key, "a text");

    /// <inheritdoc cref="FindString"/>
    public bool? FindBoolean(string key) => Find<object>(key, "a boolean") switch
    {
        null => null,
        bool value => value,
        _ => throw WrongType(key, "a boolean"),
    };

    /// <summary>A whole number of any width, or null where the key is missing.</summary>
    /// <exception cref="InvalidDataException">It is not a whole number, or too large.</exception>
    public long? FindInteger(string key) => Find<object>(key, "a whole number") switch
    {
        null => null,
        byte v => v,
        sbyte v => v,
        ushort v => v,
        short v => v,
        uint v => v,
        int v => v,
        long v => v,
        ulong v and <= long.MaxValue => (long)v,
        _ => throw WrongType(key, "a whole number"),
    };

    /// <summary>A floating-point number, or null where the key is missing.</summary>
    /// <exception cref="InvalidDataException">It is not a floating-point number.</exception>
    public double? FindNumber(string key) => Find<object>(key, "a number") switch
    {
        null => null,
        float v => v,
        double v => v,
        _ => throw WrongType(key, "a number"),
    };

    /// <summary>An array, or null where the key is missing.</summary>
    /// <exception cref="InvalidDataException">It is not an array of <typeparamref name="T"/>.</exception>
    public IReadOnlyList<T>? FindArray<T>(string key) => Find<T[]>(key, $"an array of {typeof(T).Name}");

    public string RequireString(string key) => FindString(key) ?? throw Missing(key);

    public long RequireInteger(string key) => FindInteger(key) ?? throw Missing(key);

    public double RequireNumber(string key) => FindNumber(key) ?? throw Missing(key);

    public IReadOnlyList<T> RequireArray<T>(string key) => FindArray<T>(key) ?? throw Missing(key);

    /// <exception cref="InvalidDataException">The file has no such tensor.</exception>
    public GgufTensor RequireTensor(string name) =>
        Tensors.TryGetValue(name, out var tensor) ? tensor : throw new InvalidDataException($"{_path} has no tensor \"{name}\".");

    /// <summary>A tensor's elements in file order, from F32 or F16.</summary>
    /// <exception cref="InvalidDataException">No such tensor, stored otherwise, or too large for one array.</exception>
    public float[] ReadFloats(string name)
    {
        var tensor = RequireTensor(name);
        if (tensor.Type is not (GgufTensorType.F32 or GgufTensorType.F16))
        {
            throw new InvalidDataException($"Tensor \"{name}\" of {_path} is stored as {tensor.Type}; F32 and F16 can be read.");
        }

        if (tensor.Elements > Array.MaxLength)
        {
            throw new InvalidDataException($"Tensor \"{name}\" of {_path} has {tensor.Elements} elements, more than one array holds.");
        }

        var values = new float[tensor.Elements];
        if (tensor.Type == GgufTensorType.F32)
        {
            Fill(MemoryMarshal.AsBytes(values.AsSpan()), tensor.Offset);
        }
        else
        {
            var halves = new Half[values.Length];
            Fill(MemoryMarshal.AsBytes(halves.AsSpan()), tensor.Offset);
            TensorPrimitives.ConvertToSingle(halves, values);
        }

        return values;
    }

    public void Dispose() => _file.Dispose();

    private void Fill(Span<byte> destination, long offset)
    {
        while (destination.Length > 0)
        {
            var read = RandomAccess.Read(_file.SafeFileHandle, destination, offset);
            if (read == 0)
            {
                throw new InvalidDataException($"{_path} was cut short while being read.");
            }

            destination = destination[read..];
            offset += read;
        }
    }

    private T? Find<T>(string key, string kind) where T : class =>
        !Metadata.TryGetValue(key, out var value) ? null : value as T ?? throw WrongType(key, kind);

    private InvalidDataException WrongType(string key, string kind) =>
        new($"Metadata key \"{key}\" of {_path} is {Metadata[key].GetType().Name}, not {kind}.");

    private InvalidDataException Missing(string key) => new($"{_path} has no metadata key \"{key}\".");
}
