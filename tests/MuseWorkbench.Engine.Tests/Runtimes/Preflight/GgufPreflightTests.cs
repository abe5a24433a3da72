using MuseWorkbench.Engine.Runtimes;
using MuseWorkbench.Engine.Runtimes.Gguf.Preflight;

namespace MuseWorkbench.Engine.Tests.Runtimes.Preflight;

public sealed class GgufPreflightTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>What the message must say, and the file: each ends the process, hangs or reads past an array in llama.cpp b10361, unless said otherwise.</summary>
    public static TheoryData<string, byte[]> Hostile => new()
    {
        // The header: ggml's own test of its reader, with what it only refuses.
        { "does not begin with GGUF", "GGML and more than a header's length"u8.ToArray() },
        { "its version is 0", new GgufBytes(version: 0).ToArray() },
        { "its version is 1", new GgufBytes(version: 1).ToArray() },
        { "its version is 4", new GgufBytes(version: 4).ToArray() },
        { "big-endian", new GgufBytes(version: 0x03000000).ToArray() },
        { "18446744073709551615 tensors", new GgufBytes(tensors: ulong.MaxValue).ToArray() },
        { "32768 is the most", new GgufBytes(tensors: 40_000).Raw(w => w.Write(new byte[1_000_000])).ToArray() },
        { "18446744073709551615 metadata keys", new GgufBytes(keys: ulong.MaxValue).ToArray() },
        { "truncated", new GgufBytes(keys: 1).Raw(w => w.Write(ulong.MaxValue / 2)).Raw(w => w.Write(new byte[16])).ToArray() },
        { "key is empty", new ModelFile().Number("", 1).ToArray() },
        { "unknown type 13", new GgufBytes(keys: 1).Key("k", 13, w => w.Write(1L)).ToArray() },
        { "appears twice", new GgufBytes(keys: 2).Key("k", 4, w => w.Write(1)).Key("k", 4, w => w.Write(1)).ToArray() },
        { "truncated", new GgufBytes(keys: 1).Key("k", 9, w => { w.Write(4u); w.Write(1UL << 23); }).ToArray() },
        { "array of arrays", new GgufBytes(keys: 1).Key("k", 9, w => { w.Write(9u); w.Write(1L); }).ToArray() },
        { "not a power of two", new ModelFile().Number("general.alignment", 24).ToArray() },
        { "not a power of two", new ModelFile().Number("general.alignment", 0).ToArray() },
        { "not a power of two", new ModelFile().Text("general.alignment", "32").ToArray() },
        { "63 is the most", new ModelFile().Tensor(new string('n', 64), 0, 4, 1).ToArray() },
        { "5 dimensions", new ModelFile().Tensor("t", 0, 4, 1, 1, 1, 1, 1).ToArray() },
        { "dimension of 0", new ModelFile().Tensor("t", 0, 4, 1, 0).ToArray() },
        { "larger than any file", new ModelFile().Tensor("t", 0, 4, ulong.MaxValue).ToArray() },
        { "larger than any file", new ModelFile().Tensor("t", 0, 4, 1UL << 40, 1UL << 40).ToArray() },
        { "larger than any file", new ModelFile().Tensor("t", 0, 4, 1UL << 61, 2).ToArray() },
        { "type 4,", new ModelFile().Tensor("t", 4, 4, 32).ToArray() },
        { "type 43,", new ModelFile().Tensor("t", 43, 4, 32).ToArray() },
        { "type 4294967295,", new ModelFile().Tensor("t", uint.MaxValue, 4, 32).ToArray() },
        { "multiple of the 32 elements", new ModelFile().Tensor("t", 2, 36, 33).ToArray() },
        { "lies at offset 64, but the one before it ends at 32", new GgufBytes(tensors: 2).Tensor("t", 0, 0, 8).Tensor("u", 0, 64, 8).Align().Raw(w => w.Write(new byte[96])).ToArray() },
        { "not a multiple of 32", new GgufBytes(tensors: 1).Tensor("t", 0, 4, 1).Align().Raw(w => w.Write(new byte[64])).ToArray() },
        { "appears twice", new GgufBytes(tensors: 2).Tensor("t", 0, 0, 8).Tensor("t", 0, 32, 8).Align().Raw(w => w.Write(new byte[96])).ToArray() },
        { "truncated", new ModelFile().ToArray()[..^32] },
        { "truncated", new ModelFile().Tensor("t", 0, 4, 1 << 30).ToArray() },

        // Names that llama.cpp reads differently.
        { "holds a NUL", new ModelFile().Number("llama.block_count\0x", 0).ToArray() },
        { "holds a NUL", new ModelFile().Text("general.architecture", "llama\0x").ToArray() },

        // What the model is built from.
        { "llama.block_count is 0", new ModelFile().Number("llama.block_count", 0).ToArray() },
        { "llama.block_count is 513", new ModelFile().Number("llama.block_count", 513).ToArray() },
        { "llama.embedding_length is 0", new ModelFile().Number("llama.embedding_length", 0).ToArray() },
        { "must be 1 to", new ModelFile().Number("llama.attention.head_count", 0).ToArray() },
        { "must be 1 to", new ModelFile().Number("llama.attention.head_count", uint.MaxValue).ToArray() },
        { "cannot share 3", new ModelFile().Number("llama.attention.head_count", 4).Integers("llama.attention.head_count_kv", 3).ToArray() },
        { "must be a whole number or a list of them", new ModelFile().Fractions("llama.attention.head_count", 2).ToArray() },
        { "must be a whole number or a list of them", new ModelFile().Texts("llama.attention.head_count_kv", "1").ToArray() },
        { "list of Single", new ModelFile().Fractions("llama.feed_forward_length", 2).ToArray() },
        { "list of Int32", new ModelFile().Integers("llama.classifier.output_labels", 2).ToArray() },
        { "rotated in pairs", new ModelFile().Number("llama.rope.dimension_count", 15).ToArray() },
        { "16 wide and its values 8", new ModelFile().Number("llama.attention.value_length", 8).ToArray() },
        { "uses 0 of 8 experts", new ModelFile().Number("llama.expert_count", 8).ToArray() },
        { "uses 9 of 8 experts", new ModelFile().Number("llama.expert_count", 8).Number("llama.expert_used_count", 9).ToArray() },
        { "uses 2 of 4096 experts", new ModelFile().Number("llama.expert_count", 4096).Number("llama.expert_used_count", 2).ToArray() },
        { "3 groups", new ModelFile().Number("llama.expert_count", 8).Number("llama.expert_used_count", 2).Number("llama.expert_group_count", 3).ToArray() },
        { "rms_epsilon is NaN", new ModelFile().Fraction("llama.attention.layer_norm_rms_epsilon", float.NaN).ToArray() },
        { "rms_epsilon is -1", new ModelFile().Fraction("llama.attention.layer_norm_rms_epsilon", -1).ToArray() },
        { "freq_base is 0", new ModelFile().Fraction("llama.rope.freq_base", 0).ToArray() },
        { "rope.scaling.type is \"cubic\"", new ModelFile().Text("llama.rope.scaling.type", "cubic").ToArray() },

        // The vocabulary.
        { "in the vocabulary twice", new ModelFile().Texts("tokenizer.ggml.tokens", "a", "b", "c", "a").ToArray() },
        { "in the vocabulary twice", new ModelFile().Texts("tokenizer.ggml.tokens", "a", "b", "\xFF", "\xFF").ToArray() },
        { "in the vocabulary twice", new ModelFile().Texts("tokenizer.ggml.tokens", "a\0b", "b", "a\0c", "d").ToArray() },
        { "in the vocabulary twice", new ModelFile().Texts("tokenizer.ggml.tokens", "[EMPTY_1]", "", "c", "d").ToArray() },
        { "not an array of String", new ModelFile().Integers("tokenizer.ggml.tokens", 1, 2, 3, 4).ToArray() },
        { "vocabulary is empty", new ModelFile().Texts("tokenizer.ggml.tokens").ToArray() },
        { "not an array of Single", new ModelFile().Bytes("tokenizer.ggml.scores", 1, 2, 3, 4).ToArray() },
        { "scores has 3 entries for 4 tokens", new ModelFile().Fractions("tokenizer.ggml.scores", 1, 2, 3).ToArray() },
        { "not an array of Int32", new ModelFile().Bytes("tokenizer.ggml.token_type", 1, 1, 1, 1).ToArray() },
        { "token_type has 1 entries", new ModelFile().Integers("tokenizer.ggml.token_type", 1).ToArray() },
        { "not an array of String", new ModelFile().Integers("tokenizer.ggml.merges", 1).ToArray() },
        { "lacks tokenizer.ggml.merges", new ModelFile().Without("tokenizer.ggml.merges").ToArray() },
        { "not an array of Int32", new ModelFile().Bytes("tokenizer.ggml.suppress_tokens", 1).ToArray() },
        { "not written <0xHH>", new ModelFile().Texts("tokenizer.ggml.tokens", "a", "b", "c", "<0x-1>").Integers("tokenizer.ggml.token_type", 1, 1, 1, 6).ToArray() },
        { "no token for the byte <0x00>", new ModelFile().Text("tokenizer.ggml.model", "llama").ToArray() },
        { "bos_token_id is 4", new ModelFile().Number("tokenizer.ggml.bos_token_id", 4).ToArray() },
        { "eos_token_id is 4294967295", new ModelFile().Number("tokenizer.ggml.eos_token_id", uint.MaxValue).ToArray() },
        { "does not name one", new ModelFile().Without("tokenizer.ggml.bos_token_id").Flag("tokenizer.ggml.add_bos_token", true).ToArray() },
        { "does not name one", new ModelFile().Without("tokenizer.ggml.eos_token_id").Flag("tokenizer.ggml.add_eos_token", true).ToArray() },

        // Weights.
        { "stored as I16", new ModelFile().Tensor("blk.0.attn_q.weight", 25, 32 * 32 * 2, 32, 32).ToArray() },
        { "stored as Q8_1", new ModelFile().Tensor("blk.0.attn_q.weight", 9, 32 * 36, 32, 32).ToArray() },
        { "vectors must be F32", new ModelFile().Tensor("output_norm.weight", 1, 64, 32).ToArray() },
        { "4 tokens of width 32 need 32 × 4", new ModelFile().Tensor("token_embd.weight", 0, 32 * 8 * 4, 32, 8).ToArray() },

        // Parts.
        { "must end with -00001-of-00003.gguf", new ModelFile().Short("split.count", 3).Short("split.no", 0).ToArray() },
        { "not the first of its 3 parts", new ModelFile().Short("split.count", 3).Short("split.no", 1).ToArray() },
        { "not a 16-bit number", new ModelFile().Number("split.count", 3).ToArray() },
    };

    [Theory]
    [MemberData(nameof(Hostile), DisableDiscoveryEnumeration = true)]
    public void Check_HostileFile_SaysWhatIsWrong(string reason, byte[] bytes)
    {
        var path = _folder.Write(bytes);

        var error = Assert.Throws<InvalidDataException>(() => GgufPreflight.Check(path));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, byte[]> OfAnotherKind => new()
    {
        { "no tokenizer", new ModelFile().Without("tokenizer.ggml.model").ToArray() },
        { "needs the tokenizer \"t5\"", new ModelFile().Text("tokenizer.ggml.model", "t5").ToArray() },
        { "image projector", new ModelFile().Text("general.architecture", "clip").ToArray() },
        { "holds a adapter", new ModelFile().Text("general.type", "adapter").ToArray() },
        { "attends in both directions", new ModelFile().Flag("llama.attention.causal", false).ToArray() },
        { "recurrent or hybrid model (mamba)", new ModelFile().Text("general.architecture", "mamba").ToArray() },
        { "recurrent or hybrid model (qwen3next)", new ModelFile().Text("general.architecture", "qwen3next").ToArray() },
        { "has an encoder (t5)", new ModelFile().Text("general.architecture", "t5").Text("tokenizer.ggml.model", "t5").ToArray() },
        { "has an encoder (modern-bert)", new ModelFile().Text("general.architecture", "modern-bert").ToArray() },
        { "diffusion model (llada)", new ModelFile().Text("general.architecture", "llada").ToArray() },
    };

    [Theory]
    [MemberData(nameof(OfAnotherKind), DisableDiscoveryEnumeration = true)]
    public void Check_FileOfAnotherKind_SaysWhatItIs(string reason, byte[] bytes) =>
        Assert.Contains(reason, Assert.Throws<RuntimeLoadException>(() => GgufPreflight.Check(_folder.Write(bytes))).Message, StringComparison.Ordinal);

    [Fact]
    public void Check_SoundFiles_Pass()
    {
        GgufPreflight.Check(RepositoryFiles.Model);
        GgufPreflight.Check(_folder.Write(new ModelFile().ToArray()));
        GgufPreflight.Check(_folder.Write(new ModelFile().Texts("tokenizer.ggml.tokens", "a", "b", "\xFE", "\xFF").ToArray()));
    }

    [Fact]
    public void Check_SymbolicLink_IsFollowed()
    {
        var link = Path.Combine(_folder.Path, "link.gguf");
        File.CreateSymbolicLink(link, RepositoryFiles.Model);

        GgufPreflight.Check(link);
    }

    [Fact]
    public void Check_SplitModel_WantsEveryPart()
    {
        var first = Part(1, new ModelFile().Short("split.count", 2).Short("split.no", 0).ToArray());
        Assert.Contains("part 2 of 2 is missing", Assert.Throws<InvalidDataException>(() => GgufPreflight.Check(first)).Message, StringComparison.Ordinal);

        Part(2, new GgufBytes(keys: 1).Key("split.no", 2, w => w.Write((ushort)0)).ToArray());
        Assert.Contains("says that it is part 1", Assert.Throws<InvalidDataException>(() => GgufPreflight.Check(first)).Message, StringComparison.Ordinal);

        Part(2, new GgufBytes(keys: 1).Key("split.no", 4, w => w.Write(1)).ToArray());
        Assert.Contains("not a 16-bit number", Assert.Throws<InvalidDataException>(() => GgufPreflight.Check(first)).Message, StringComparison.Ordinal);

        Part(2, new GgufBytes(keys: 1).Key("split.no", 2, w => w.Write((ushort)1)).ToArray());
        GgufPreflight.Check(first);

        string Part(int number, byte[] bytes)
        {
            var path = Path.Combine(_folder.Path, $"model-0000{number}-of-00002.gguf");
            File.WriteAllBytes(path, bytes);
            return path;
        }
    }
}
