using System.Buffers.Binary;

namespace MuseWorkbench.Engine.Runtimes.Gguf;

/// <summary>
/// Reads the header of a GGUF file. Nothing in it is trusted: every count and length is checked against what is left
/// of the file before memory is taken for it. Where llama.cpp would accept less, so does this.
/// </summary>
internal sealed class GgufHeaderReader(Stream stream, long length, string path)
{
    // llama.cpp compares every name with all before it: more would keep it busy for minutes.
    private const int MaxKeys = 1 << 13;
    private const int MaxTensors = 1 << 15;
    private const int MaxArray = 1 << 24;
    private const int MaxString = 1 << 26;
    private const int MaxDimensions = 4;

    /// <summary>Bytes before the first tensor's data; a vocabulary of a million tokens takes a tenth of it.</summary>
    private const long MaxHeader = 1 << 28;

    /// <summary>Bytes of a tensor's name (llama.cpp's <c>GGML_MAX_NAME</c>, with its end).</summary>
    private const int MaxName = 63;

    private readonly long _end = Math.Min(length, MaxHeader);
    private long _position;

    public (uint Version, Dictionary<string, object> Metadata, Dictionary<string, GgufTensor> Tensors) Read()
    {
        if (length < 24)
        {
            throw Invalid($"it has {length} bytes, less than a GGUF header");
        }

        Span<byte> magic = stackalloc byte[4];
        Fill(magic);
        if (!magic.SequenceEqual("GGUF"u8))
        {
            throw Invalid("it does not begin with GGUF");
        }

        var version = ReadUInt32();
        if (version is not (2 or 3))
        {
            throw Invalid(version > 0 && (version & 0xFFFF) == 0 ? "it is written in big-endian byte order" : $"its version is {version}; 2 and 3 can be read");
        }

        var tensorCount = ReadCount("tensors", MaxTensors, 24);
        var keyCount = ReadCount("metadata keys", MaxKeys, 13);
        var metadata = new Dictionary<string, object>(keyCount, StringComparer.Ordinal);
        for (var i = 0; i < keyCount; i++)
        {
            var key = ReadString();
            if (!metadata.TryAdd(key, ReadValue((GgufValueType)ReadUInt32(), key)))
            {
                throw Invalid($"metadata key \"{key}\" appears twice");
            }
        }

        return (version, metadata, ReadTensors(tensorCount, Alignment(metadata)));
    }

    private Dictionary<string, GgufTensor> ReadTensors(int count, uint alignment)
    {
        var tensors = new List<GgufTensor>(count);
        for (var i = 0; i < count; i++)
        {
            tensors.Add(ReadTensor(alignment));
        }

        // Offsets in the file count from the first aligned byte after the header, known only now.
        var start = checked(_position + alignment - 1) / alignment * alignment;
        var result = new Dictionary<string, GgufTensor>(count, StringComparer.Ordinal);
        var expected = 0L;
        foreach (var tensor in tensors)
        {
            if (tensor.Offset != expected)
            {
                throw Invalid($"tensor \"{tensor.Name}\" lies at offset {tensor.Offset}, but the one before it ends at {expected}");
            }

            // No overflow: an offset is at most the file's length, which ReadTensor checked.
            var offset = start + tensor.Offset;
            if (offset > length || tensor.Bytes > length - offset)
            {
                throw Invalid($"it is truncated: tensor \"{tensor.Name}\" needs {tensor.Bytes} bytes at {offset}, but the file ends at {length}");
            }

            if (!result.TryAdd(tensor.Name, tensor with { Offset = offset }))
            {
                throw Invalid($"tensor \"{tensor.Name}\" appears twice");
            }

            // No overflow: the tensor lies inside the file.
            expected += (tensor.Bytes + alignment - 1) / alignment * alignment;
        }

        return result;
    }

    private GgufTensor ReadTensor(uint alignment)
    {
        var name = ReadString(MaxName);
        var rank = ReadUInt32();
        if (rank is 0 or > MaxDimensions)
        {
            throw Invalid($"tensor \"{name}\" has {rank} dimensions; 1 to {MaxDimensions} are possible");
        }

        var dimensions = new long[rank];
        var elements = 1L;
        try
        {
            for (var i = 0; i < dimensions.Length; i++)
            {
                dimensions[i] = checked((long)ReadUInt64());
                if (dimensions[i] == 0)
                {
                    throw Invalid($"tensor \"{name}\" has a dimension of 0"); // llama.cpp divides by it
                }

                elements = checked(elements * dimensions[i]);
            }

            var type = (GgufTensorType)ReadUInt32();
            var (blockElements, blockBytes) = type.Block();
            if (blockElements == 0)
            {
                throw Invalid($"tensor \"{name}\" is stored as type {(uint)type}, which is not known");
            }

            if (dimensions[0] % blockElements != 0)
            {
                throw Invalid($"tensor \"{name}\" has rows of {dimensions[0]}, not a multiple of the {blockElements} elements in a block of {type}");
            }

            var bytes = checked(elements / blockElements * blockBytes);
            var offset = ReadUInt64();
            if (offset % alignment != 0)
            {
                throw Invalid($"tensor \"{name}\" lies at offset {offset}, not a multiple of {alignment}");
            }

            if (offset > (ulong)length)
            {
                throw Invalid($"it is truncated: tensor \"{name}\" lies at offset {offset}, beyond the file's end at {length}");
            }

            return new(name, dimensions, type, (long)offset, elements, bytes);
        }
        catch (OverflowException)
        {
            throw Invalid($"tensor \"{name}\" is larger than any file");
        }
    }

    private object ReadValue(GgufValueType type, string key)
    {
        Span<byte> b = stackalloc byte[8];
        switch (type)
        {
            case GgufValueType.String:
                return ReadString();
            case GgufValueType.Array:
                return ReadArray((GgufValueType)ReadUInt32(), key);
            default:
                var scalar = b[..SizeOf(type, key)];
                Fill(scalar);
                return Scalar(type, scalar);
        }
    }

    private Array ReadArray(GgufValueType type, string key)
    {
        if (type == GgufValueType.Array)
        {
            throw Invalid($"metadata key \"{key}\" holds an array of arrays");
        }

        var size = type == GgufValueType.String ? sizeof(ulong) : SizeOf(type, key);
        var count = ReadCount($"values of \"{key}\"", MaxArray, size);
        return type switch
        {
            GgufValueType.String => Each(new string[count], _ => ReadString()),
            GgufValueType.UInt8 => Read<byte>(),
            GgufValueType.Int8 => Read<sbyte>(),
            GgufValueType.UInt16 => Read<ushort>(),
            GgufValueType.Int16 => Read<short>(),
            GgufValueType.UInt32 => Read<uint>(),
            GgufValueType.Int32 => Read<int>(),
            GgufValueType.UInt64 => Read<ulong>(),
            GgufValueType.Int64 => Read<long>(),
            GgufValueType.Float32 => Read<float>(),
            GgufValueType.Float64 => Read<double>(),
            _ => Read<bool>(),
        };

        T[] Read<T>()
        {
            var bytes = new byte[count * size];
            Fill(bytes);
            return Each(new T[count], i => (T)Scalar(type, bytes.AsSpan(i * size, size)));
        }

        static T[] Each<T>(T[] array, Func<int, T> value)
        {
            for (var i = 0; i < array.Length; i++)
            {
                array[i] = value(i);
            }

            return array;
        }
    }

    private static object Scalar(GgufValueType type, ReadOnlySpan<byte> b) => type switch
    {
        GgufValueType.UInt8 => b[0],
        GgufValueType.Int8 => (sbyte)b[0],
        GgufValueType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(b),
        GgufValueType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(b),
        GgufValueType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(b),
        GgufValueType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(b),
        GgufValueType.UInt64 => BinaryPrimitives.ReadUInt64LittleEndian(b),
        GgufValueType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(b),
        GgufValueType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(b),
        GgufValueType.Float64 => BinaryPrimitives.ReadDoubleLittleEndian(b),
        _ => b[0] != 0,
    };

    private int SizeOf(GgufValueType type, string key) => type switch
    {
        GgufValueType.UInt8 or GgufValueType.Int8 or GgufValueType.Bool => 1,
        GgufValueType.UInt16 or GgufValueType.Int16 => 2,
        GgufValueType.UInt32 or GgufValueType.Int32 or GgufValueType.Float32 => 4,
        GgufValueType.UInt64 or GgufValueType.Int64 or GgufValueType.Float64 => 8,
        _ => throw Invalid($"metadata key \"{key}\" has the unknown type {(uint)type}"),
    };

    private uint Alignment(Dictionary<string, object> metadata)
    {
        if (!metadata.TryGetValue("general.alignment", out var value))
        {
            return 32;
        }

        return value is uint alignment && alignment is > 0 and <= 1 << 20 && uint.IsPow2(alignment)
            ? alignment
            : throw Invalid($"general.alignment is {value}, not a power of two");
    }

    private int ReadCount(string what, int limit, int leastBytesEach)
    {
        var count = ReadUInt64();
        if (count > (ulong)limit)
        {
            throw Invalid($"it claims {count} {what}; {limit} is the most that is read");
        }

        if ((long)count * leastBytesEach > _end - _position)
        {
            throw Truncated($"{count} {what}");
        }

        return (int)count;
    }

    private string ReadString(int most = MaxString)
    {
        var bytes = ReadUInt64();
        if (bytes > (ulong)(_end - _position))
        {
            throw Truncated($"a text of {bytes} bytes");
        }

        if (bytes > (ulong)most)
        {
            throw Invalid($"it holds a text of {bytes} bytes where {most} is the most that is read");
        }

        var buffer = new byte[(int)bytes];
        Fill(buffer);
        return GgufText.Decode(buffer);
    }

    private uint ReadUInt32()
    {
        Span<byte> b = stackalloc byte[4];
        Fill(b);
        return BinaryPrimitives.ReadUInt32LittleEndian(b);
    }

    private ulong ReadUInt64()
    {
        Span<byte> b = stackalloc byte[8];
        Fill(b);
        return BinaryPrimitives.ReadUInt64LittleEndian(b);
    }

    private void Fill(Span<byte> destination)
    {
        if (destination.Length > _end - _position || stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false) < destination.Length)
        {
            throw Truncated("the header");
        }

        _position += destination.Length;
    }

    private InvalidDataException Truncated(string what) => Invalid(_end < length
        ? $"{what} at byte {_position} would pass the {MaxHeader} bytes that are read as its header"
        : $"it is truncated: {what} at byte {_position} would pass its end at {length}");

    private InvalidDataException Invalid(string reason) => new($"{path} is not a usable GGUF file: {reason}.");
}
