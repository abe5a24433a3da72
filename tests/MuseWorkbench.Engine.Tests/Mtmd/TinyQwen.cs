using System.Text;
using MuseWorkbench.Engine.Tests.Runtimes;

namespace MuseWorkbench.Engine.Tests.Mtmd;

/// <summary>
/// A vision model of the architecture qwen2vl, small and with random weights: its answers mean nothing, but every row's place on the
/// axes of M-RoPE changes them. The tokens are bytes and a few control tokens.
/// </summary>
internal sealed class TinyQwen : IDisposable
{
    private const int Width = 64;
    private const int Patch = 14;
    private const string Template =
        "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
        + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

    private static readonly string[] s_control = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>"];

    private readonly TemporaryFolder _folder = new();

    public TinyQwen()
    {
        Model = _folder.Write(WriteModel());
        Projector = _folder.Write(WriteProjector());
    }

    public string Model { get; }

    public string Projector { get; }

    public void Dispose() => _folder.Dispose();

    private static byte[] WriteModel()
    {
        string[] tokens = [.. Enumerable.Range(0, 256).Select(ByteToken), "th", .. s_control];
        var file = new GgufModel("qwen2vl", seed: 1)
            .Set("qwen2vl.context_length", 4096).Set("qwen2vl.embedding_length", Width).Set("qwen2vl.block_count", 2)
            .Set("qwen2vl.feed_forward_length", 128).Set("qwen2vl.attention.head_count", 4).Set("qwen2vl.attention.head_count_kv", 2)
            .Set("qwen2vl.attention.layer_norm_rms_epsilon", 1e-6f).Set("qwen2vl.rope.freq_base", 10_000f)
            .Set("qwen2vl.rope.dimension_sections", [2, 3, 3, 0]).Set("qwen2vl.vocab_size", tokens.Length)
            .Set("tokenizer.ggml.model", "gpt2").Set("tokenizer.ggml.pre", "qwen2")
            .Set("tokenizer.ggml.tokens", tokens).Set("tokenizer.ggml.merges", ["t h"])
            .Set("tokenizer.ggml.token_type", [.. tokens.Select(t => s_control.Contains(t) ? 3 : 1)])
            .Set("tokenizer.ggml.eos_token_id", Array.IndexOf(tokens, "<|im_end|>")).Set("tokenizer.ggml.add_bos_token", false)
            .Set("tokenizer.chat_template", Template)
            .Tensor("token_embd.weight", 1, Width, tokens.Length).Ones("output_norm.weight", Width)
            // It writes printable ASCII only: the server refuses what is not UTF-8, and nothing ends early.
            .Tensor("output.weight", 0.3f, Width, tokens.Length).Clear(token => token is < 32 or > 126);
        for (var i = 0; i < 2; i++)
        {
            file.Ones($"blk.{i}.attn_norm.weight", Width).Ones($"blk.{i}.ffn_norm.weight", Width)
                .Tensor($"blk.{i}.attn_q.weight", 0.3f, Width, 64).Tensor($"blk.{i}.attn_q.bias", 0.1f, 64)
                .Tensor($"blk.{i}.attn_k.weight", 0.3f, Width, 32).Tensor($"blk.{i}.attn_k.bias", 0.1f, 32)
                .Tensor($"blk.{i}.attn_v.weight", 0.3f, Width, 32).Tensor($"blk.{i}.attn_v.bias", 0.1f, 32)
                .Tensor($"blk.{i}.attn_output.weight", 0.3f, 64, Width)
                .Tensor($"blk.{i}.ffn_gate.weight", 0.2f, Width, 128).Tensor($"blk.{i}.ffn_up.weight", 0.2f, Width, 128)
                .Tensor($"blk.{i}.ffn_down.weight", 0.2f, 128, Width);
        }

        return file.ToArray();
    }

    private static byte[] WriteProjector()
    {
        const int Tower = 64;
        var file = new GgufModel("clip", seed: 2)
            .Set("clip.has_vision_encoder", true).Set("clip.projector_type", "qwen2vl_merger").Set("clip.use_gelu", true)
            .Set("clip.vision.image_size", 112).Set("clip.vision.patch_size", Patch).Set("clip.vision.embedding_length", Tower)
            .Set("clip.vision.feed_forward_length", 128).Set("clip.vision.projection_dim", Width).Set("clip.vision.block_count", 1)
            .Set("clip.vision.attention.head_count", 4).Set("clip.vision.attention.layer_norm_epsilon", 1e-6f)
            .Set("clip.vision.image_mean", [0.5f, 0.5f, 0.5f]).Set("clip.vision.image_std", [0.5f, 0.5f, 0.5f])
            .Tensor("v.patch_embd.weight", 0.1f, Patch, Patch, 3, Tower).Tensor("v.patch_embd.weight.1", 0.1f, Patch, Patch, 3, Tower)
            .Ones("v.post_ln.weight", Tower).Tensor("v.post_ln.bias", 0.1f, Tower)
            .Tensor("mm.0.weight", 0.1f, Tower * 4, Tower * 4).Tensor("mm.0.bias", 0.1f, Tower * 4)
            .Tensor("mm.2.weight", 0.2f, Tower * 4, Width).Tensor("mm.2.bias", 0.1f, Width);
        foreach (var part in (string[])["attn_q", "attn_k", "attn_v", "attn_out"])
        {
            file.Tensor($"v.blk.0.{part}.weight", 0.2f, Tower, Tower).Tensor($"v.blk.0.{part}.bias", 0.1f, Tower);
        }

        return file
            .Ones("v.blk.0.ln1.weight", Tower).Tensor("v.blk.0.ln1.bias", 0.1f, Tower)
            .Ones("v.blk.0.ln2.weight", Tower).Tensor("v.blk.0.ln2.bias", 0.1f, Tower)
            .Tensor("v.blk.0.ffn_up.weight", 0.2f, Tower, 128).Tensor("v.blk.0.ffn_up.bias", 0.1f, 128)
            .Tensor("v.blk.0.ffn_down.weight", 0.2f, 128, Tower).Tensor("v.blk.0.ffn_down.bias", 0.1f, Tower)
            .ToArray();
    }

    /// <summary>How byte-level vocabularies write a byte: printable ones as themselves, the others from U+0100 on, in order.</summary>
    private static string ByteToken(int value)
    {
        var shifted = Enumerable.Range(0, 256).Where(b => b is < 33 or (> 126 and < 161) or 173).ToList().IndexOf(value);
        return new Rune(shifted < 0 ? value : 256 + shifted).ToString();
    }
}
