using System.Globalization;

namespace MuseWorkbench.Bench.Compare;

/// <summary>How large a random model is.</summary>
/// <param name="Name">In millions of weights, such as <c>275m</c>.</param>
internal sealed record RandomSize(string Name, int Width, int Layers, int Heads, int KvHeads, int Hidden)
{
    /// <summary>The size at which memory and arithmetic decide, not the host.</summary>
    public static RandomSize Large { get; } = new("275m", 1024, 20, 16, 4, 3072);

    /// <summary>From the smallest on; without grouped heads, with, and with many.</summary>
    public static IReadOnlyList<RandomSize> All { get; } = [new("30m", 384, 8, 6, 6, 1152), new("100m", 768, 10, 12, 4, 2048), Large];
}

/// <summary>
/// A model of random weights in Q8_0, with 32,000 tokens and an image projector. What it says means nothing; what it costs does.
/// </summary>
internal sealed class RandomModel
{
    private const int Tokens = 32_000, Patch = 24, Positions = 288;

    private readonly string _name;

    private RandomModel(RandomSize size) => (_name, Width, Layers, Heads, KvHeads, Hidden) = (size.Name, size.Width, size.Layers, size.Heads, size.KvHeads, size.Hidden);

    private int Width { get; }
    private int Layers { get; }
    private int Heads { get; }
    private int KvHeads { get; }
    private int Hidden { get; }

    /// <summary>Writes both files into a folder unless they are there. Gives the paths of model and projector.</summary>
    public static (string Model, string Projector) Ensure(string folder, RandomSize size)
    {
        Directory.CreateDirectory(folder);
        var made = new RandomModel(size);
        var (model, projector) = (Path.Combine(folder, $"random-{size.Name}.gguf"), Path.Combine(folder, $"random-{size.Name}-mmproj.gguf"));
        Make(model, made.WriteModel);
        Make(projector, made.WriteProjector);
        return (model, projector);
    }

    private static void Make(string path, Action<string> write)
    {
        if (!File.Exists(path))
        {
            // Under another name until it is whole.
            write(path + ".new");
            File.Move(path + ".new", path);
        }
    }

    private void WriteModel(string path)
    {
        var random = new Random(1);
        // Uniform bytes spread by 74; this brings weights to a spread of 0.02, where activations neither fade nor burst.
        var scale = (Half)(0.02 / 74);
        var tokens = Vocabulary();
        var writer = new GgufWriter()
            .Key("general.architecture", "llama").Key("general.name", $"Random {_name}").Key("general.file_type", 7u)
            .Key("llama.context_length", 8192u).Key("llama.embedding_length", (uint)Width).Key("llama.block_count", (uint)Layers)
            .Key("llama.feed_forward_length", (uint)Hidden).Key("llama.attention.head_count", (uint)Heads)
            .Key("llama.attention.head_count_kv", (uint)KvHeads).Key("llama.rope.dimension_count", (uint)(Width / Heads))
            .Key("llama.rope.freq_base", 10000f).Key("llama.attention.layer_norm_rms_epsilon", 1e-5f).Key("llama.vocab_size", (uint)Tokens)
            .Key("tokenizer.ggml.model", "gpt2").Key("tokenizer.ggml.pre", "gpt-2").Key("tokenizer.ggml.tokens", tokens)
            .Key("tokenizer.ggml.token_type", [.. tokens.Select((_, i) => i < s_control.Length ? 3 : 1)])
            .Key("tokenizer.ggml.merges", Merges()).Key("tokenizer.ggml.bos_token_id", 0u).Key("tokenizer.ggml.eos_token_id", 2u)
            .Key("tokenizer.ggml.padding_token_id", 0u).Key("tokenizer.ggml.add_bos_token", false)
            .Key("tokenizer.chat_template",
                "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}"
                + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}");
        writer.Q8("token_embd.weight", scale, random, Width, Tokens).Floats("output_norm.weight", One, Width);
        for (var layer = 0; layer < Layers; layer++)
        {
            var (name, kv) = ($"blk.{layer}.", (long)Width / Heads * KvHeads);
            writer.Floats(name + "attn_norm.weight", One, Width).Floats(name + "ffn_norm.weight", One, Width)
                .Q8(name + "attn_q.weight", scale, random, Width, Width).Q8(name + "attn_k.weight", scale, random, Width, kv)
                .Q8(name + "attn_v.weight", scale, random, Width, kv).Q8(name + "attn_output.weight", scale, random, Width, Width)
                .Q8(name + "ffn_gate.weight", scale, random, Width, Hidden).Q8(name + "ffn_up.weight", scale, random, Width, Hidden)
                .Q8(name + "ffn_down.weight", scale, random, Hidden, Width);
        }

        writer.Write(path);
    }

    private void WriteProjector(string path)
    {
        var random = new Random(2);
        const long pixels = Patch * Patch * 3;
        var writer = new GgufWriter()
            .Key("general.architecture", "clip").Key("general.name", $"Random {_name} patches").Key("general.file_type", 0u)
            .Key("clip.has_vision_encoder", true).Key("clip.projector_type", "gemma4uv").Key("clip.vision.image_size", 192u)
            .Key("clip.vision.patch_size", (uint)Patch / 3).Key("clip.vision.projector.scale_factor", 3u)
            .Key("clip.vision.embedding_length", (uint)Width).Key("clip.vision.projection_dim", (uint)Width)
            .Key("clip.vision.feed_forward_length", 0u).Key("clip.vision.block_count", 0u).Key("clip.vision.attention.head_count", 0u)
            .Key("clip.vision.attention.layer_norm_epsilon", 1e-6f).Key("clip.vision.image_mean", [.5f, .5f, .5f])
            .Key("clip.vision.image_std", [.5f, .5f, .5f]).Key("muse.image.fit", "stretch")
            .Floats("v.patch_embd.weight", Small, pixels, Width).Floats("v.patch_embd.bias", Zero, Width);
        foreach (var (norm, width) in new[] { (1, pixels), (2, Width), (3, Width) })
        {
            writer.Floats($"v.patch_norm.{norm}.weight", One, width).Floats($"v.patch_norm.{norm}.bias", Zero, width);
        }

        writer.Floats("v.position_embd.weight", Small, Width, Positions, 2).Floats("mm.input_projection.weight", Small, Width, Width).Write(path);

        float Small() => (float)(random.NextDouble() - .5) * .07f;
    }

    private static readonly string[] s_control = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|image>", "<image|>"];

    private static float One() => 1;

    private static float Zero() => 0;

    /// <summary>Control tokens, the bytes as GPT-2 writes them, what merges make, and names that no text holds.</summary>
    private static List<string> Vocabulary()
    {
        List<string> tokens = [.. s_control, .. Bytes(), .. Merges().Select(m => m.Replace(" ", "", StringComparison.Ordinal))];
        while (tokens.Count < Tokens)
        {
            tokens.Add(string.Create(CultureInfo.InvariantCulture, $"w{tokens.Count}"));
        }

        return tokens;
    }

    private static IEnumerable<string> Bytes()
    {
        var moved = 256;
        for (var value = 0; value < 256; value++)
        {
            var printable = value is (>= 33 and <= 126) or (>= 161 and <= 172) or >= 174;
            yield return ((char)(printable ? value : moved++)).ToString();
        }
    }

    /// <summary>A space before each letter, so that words of two tokens and more come about.</summary>
    private static List<string> Merges() => [.. Enumerable.Range('a', 26).Select(letter => $"Ġ {(char)letter}")];
}
