using System.Text;
using MuseWorkbench.Engine.Runtimes.Gguf;

namespace MuseWorkbench.Engine.Tests.Runtimes;

public sealed class GgufFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_EveryValueType_ReadsValues()
    {
        using var file = Open(new GgufBytes(keys: 14)
            .Key("u8", 0, w => w.Write((byte)200))
            .Key("i8", 1, w => w.Write((sbyte)-5))
            .Key("u16", 2, w => w.Write((ushort)60000))
            .Key("i16", 3, w => w.Write((short)-600))
            .Key("u32", 4, w => w.Write(4_000_000_000u))
            .Key("i32", 5, w => w.Write(-7))
            .Key("f32", 6, w => w.Write(0.5f))
            .Key("bool", 7, w => w.Write(true))
            .Key("text", 8, w => { w.Write(5UL); w.Write("gr\u00FCn"u8); })
            .Key("u64", 10, w => w.Write(1UL << 40))
            .Key("i64", 11, w => w.Write(-(1L << 40)))
            .Key("f64", 12, w => w.Write(0.25))
            .Key("floats", 9, w => { w.Write(6u); w.Write(2UL); w.Write(1f); w.Write(2f); })
            .Key("texts", 9, w => { w.Write(8u); w.Write(2UL); w.Write(1UL); w.Write("a"u8); w.Write(0UL); }));

        Assert.Equal(200, file.RequireInteger("u8"));
        Assert.Equal(-5, file.RequireInteger("i8"));
        Assert.Equal(60000, file.RequireInteger("u16"));
        Assert.Equal(-600, file.RequireInteger("i16"));
        Assert.Equal(4_000_000_000, file.RequireInteger("u32"));
        Assert.Equal(-7, file.RequireInteger("i32"));
        Assert.Equal(0.5, file.RequireNumber("f32"));
        Assert.True(file.FindBoolean("bool"));
        Assert.Equal("gr\u00FCn", file.RequireString("text"));
        Assert.Equal(1L << 40, file.RequireInteger("u64"));
        Assert.Equal(-(1L << 40), file.RequireInteger("i64"));
        Assert.Equal(0.25, file.RequireNumber("f64"));
        Assert.Equal([1f, 2f], file.RequireArray<float>("floats"));
        Assert.Equal(["a", ""], file.RequireArray<string>("texts"));
        Assert.Null(file.FindString("none"));
        Assert.Throws<InvalidDataException>(() => file.RequireString("none"));
        Assert.Throws<InvalidDataException>(() => file.FindString("u8"));
        Assert.Throws<InvalidDataException>(() => file.FindInteger("f32"));
    }

    [Fact]
    public void ReadFloats_F32AndF16_ReadsTensorsAtTheirOffsets()
    {
        using var file = Open(new GgufBytes(version: 2, tensors: 2)
            .Tensor("single", 0, 0, 2, 3)
            .Tensor("half", 1, 32, 3)
            .Align()
            .Raw(w => { foreach (var v in (float[])[1, 2, 3, 4, 5, 6]) { w.Write(v); } })
            .Align()
            .Raw(w => { foreach (var v in (float[])[0.5f, -1, 65504]) { w.Write((Half)v); } }));

        Assert.Equal([1f, 2, 3, 4, 5, 6], file.ReadFloats("single"));
        Assert.Equal([0.5f, -1, 65504], file.ReadFloats("half"));
        Assert.Equal([2L, 3], file.RequireTensor("single").Dimensions);
        Assert.Equal(2u, file.Version);
    }

    [Fact]
    public void ReadFloats_QuantisedTensor_SaysWhatCanBeRead()
    {
        using var file = Open(new GgufBytes(tensors: 1).Tensor("q", 8, 0, 32).Align().Raw(w => w.Write(new byte[34])));

        Assert.Contains("Q8_0", Assert.Throws<InvalidDataException>(() => file.ReadFloats("q")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_BundledModels_ReadsWhatTheCardSays()
    {
        using var model = GgufFile.Open(RepositoryFiles.Model);
        using var projector = GgufFile.Open(RepositoryFiles.Projector);

        Assert.Equal("llama", model.RequireString("general.architecture"));
        Assert.Equal(8, model.RequireInteger("llama.block_count"));
        Assert.Equal(1001, model.RequireArray<string>("tokenizer.ggml.tokens").Count);
        Assert.Equal("gemma4uv", projector.FindString("clip.vision.projector_type") ?? projector.FindString("clip.projector_type"));
        Assert.All(projector.Tensors.Values, t => Assert.Equal(t.Elements, projector.ReadFloats(t.Name).Length));
    }

    [Fact]
    public void Open_MissingFile_Throws() =>
        Assert.Throws<FileNotFoundException>(() => GgufFile.Open(Path.Combine(_folder.Path, "none.gguf")));

    [Fact]
    public void Open_TruncatedAnywhere_ThrowsInvalidData()
    {
        var whole = new GgufBytes(tensors: 1, keys: 2)
            .Key("name", 8, w => { w.Write(3UL); w.Write("abc"u8); })
            .Key("list", 9, w => { w.Write(5u); w.Write(2UL); w.Write(1); w.Write(2); })
            .Tensor("t", 0, 0, 4)
            .Align()
            .Raw(w => w.Write(new byte[16]))
            .ToArray();
        GgufFile.Open(_folder.Write(whole)).Dispose();

        for (var length = 0; length < whole.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => GgufFile.Open(_folder.Write(whole.AsSpan(0, length))));
        }
    }

    [Fact]
    public void Open_AnyByteChanged_OpensOrThrowsInvalidData()
    {
        var whole = new GgufBytes(tensors: 2, keys: 3)
            .Key("name", 8, w => { w.Write(3UL); w.Write("abc"u8); })
            .Key("list", 9, w => { w.Write(8u); w.Write(2UL); w.Write(1UL); w.Write("a"u8); w.Write(0UL); })
            .Key("general.alignment", 4, w => w.Write(32))
            .Tensor("t", 0, 0, 4)
            .Tensor("u", 8, 32, 32)
            .Align()
            .Raw(w => w.Write(new byte[66]))
            .ToArray();
        var path = _folder.Write(whole);
        var refused = 0;
        for (var place = 0; place < whole.Length; place++)
        {
            foreach (var value in (byte[])[0, 1, 0x7F, 0x80, 0xFF])
            {
                var damaged = whole.ToArray();
                damaged[place] = value;
                File.WriteAllBytes(path, damaged);
                try
                {
                    GgufFile.Open(path).Dispose();
                }
                catch (InvalidDataException)
                {
                    refused++;
                }
            }
        }

        Assert.InRange(refused, whole.Length, whole.Length * 4);
    }

    public static TheoryData<string, byte[]> Malformed => new()
    {
        { "does not begin with GGUF", Encoding.UTF8.GetBytes("PK\u0003\u0004 a zip archive, not a model") },
        { "version is 1", new GgufBytes(version: 1).ToArray() },
        { "big-endian", new GgufBytes(version: 0x03000000).ToArray() },
        { "truncated", new GgufBytes(keys: 6_000).ToArray() },
        { "claims 18446744073709551615 metadata keys", new GgufBytes(keys: ulong.MaxValue).ToArray() },
        { "claims 18446744073709551615 tensors", new GgufBytes(tensors: ulong.MaxValue).ToArray() },
        { "truncated", new GgufBytes(keys: 1).Raw(w => w.Write(ulong.MaxValue)).Raw(w => w.Write(new byte[16])).ToArray() },
        { "unknown type 13", new GgufBytes(keys: 1).Key("k", 13, w => w.Write(1L)).ToArray() },
        { "array of arrays", new GgufBytes(keys: 1).Key("k", 9, w => { w.Write(9u); w.Write(1L); }).ToArray() },
        { "appears twice", new GgufBytes(keys: 2).Key("k", 4, w => w.Write(1)).Key("k", 4, w => w.Write(1)).ToArray() },
        { "not a power of two", new GgufBytes(keys: 1).Key("general.alignment", 4, w => w.Write(24)).ToArray() },
        { "dimensions", new GgufBytes(tensors: 1).Tensor("t", 0, 0, 1, 1, 1, 1, 1).ToArray() },
        { "larger than any file", new GgufBytes(tensors: 1).Tensor("t", 0, 0, 1UL << 40, 1UL << 40).ToArray() },
        { "larger than any file", new GgufBytes(tensors: 1).Tensor("t", 0, 0, ulong.MaxValue).ToArray() },
        { "not a multiple of 32", new GgufBytes(tensors: 1).Tensor("t", 0, 4, 1).Align().Raw(w => w.Write(new byte[64])).ToArray() },
        { "beyond the file's end", new GgufBytes(tensors: 1).Tensor("t", 0, ulong.MaxValue - 31, 1).Align().ToArray() },
        { "multiple of the 32 elements", new GgufBytes(tensors: 1).Tensor("t", 2, 0, 33).Align().ToArray() },
    };

    [Theory]
    [MemberData(nameof(Malformed), DisableDiscoveryEnumeration = true)]
    public void Open_Malformed_SaysWhatIsWrong(string reason, byte[] bytes)
    {
        var path = _folder.Write(bytes);

        var error = Assert.Throws<InvalidDataException>(() => GgufFile.Open(path));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    private GgufFile Open(GgufBytes bytes) => GgufFile.Open(_folder.Write(bytes.ToArray()));
}
