namespace MuseWorkbench.Engine.Runtimes.Gguf.Preflight;

/// <summary>
/// Checks an image projector in managed code before libmtmd sees it: b10361 reads each number as one type and asserts that it is
/// of it, which ends the process, and divides by some. What it refuses with a message of its own is left to it.
/// </summary>
internal static class ProjectorChecks
{
    /// <summary>Far deeper than any vision tower; libmtmd reserves room for each layer before it looks for its tensors.</summary>
    private const uint MaxLayers = 512;

    private const uint MaxWidth = 1 << 24;

    private static readonly string[] s_numbers =
    [
        "embedding_length", "feed_forward_length", "block_count", "projection_dim", "attention.head_count", "attention.head_count_kv", "attention.head_dim",
        "image_size", "patch_size", "image_min_pixels", "image_max_pixels", "preproc_min_tiles", "preproc_max_tiles", "preproc_image_size",
        "projector.scale_factor", "projector.query_side", "projector.window_side", "spatial_merge_size", "n_wa_pattern", "window_size",
        "sam.head_count", "sam.block_count", "sam.embedding_length",
    ];

    private static readonly string[] s_lists = ["image_grid_pinpoints", "wa_layer_indexes", "wa_pattern_mode", "feature_layer", "projector.spatial_offsets"];

    /// <exception cref="InvalidDataException">A number is of another type than is read, or out of range.</exception>
    public static void Check(GgufFile file, string path)
    {
        MustBe<bool>("clip.has_vision_encoder", "true or false");
        MustBe<bool>("clip.use_gelu", "true or false");
        MustBe<bool>("clip.use_silu", "true or false");
        MustBe<float>("clip.vision.attention.layer_norm_epsilon", "a 32-bit fraction");
        MustBe<float[]>("clip.vision.image_mean", "a list of 32-bit fractions");
        MustBe<float[]>("clip.vision.image_std", "a list of 32-bit fractions");
        Array.ForEach(s_numbers, name => MustBe<uint>($"clip.vision.{name}", "an unsigned 32-bit number"));
        foreach (var name in s_lists)
        {
            if (file.Metadata.GetValueOrDefault($"clip.vision.{name}") is not (null or int[] or uint[]))
            {
                throw Unusable($"clip.vision.{name} must be a list of 32-bit numbers");
            }
        }

        var width = InRange("embedding_length", 1, MaxWidth);
        // Patches that are only projected have no layers, and then no heads.
        if (InRange("block_count", 0, MaxLayers) > 0 && InRange("attention.head_count", 1, MaxWidth) is { } heads
            && width % heads != 0 && !file.Metadata.ContainsKey("clip.vision.attention.head_dim"))
        {
            throw Unusable($"a width of {width} can't be cut into {heads} heads");
        }

        void MustBe<T>(string key, string what)
        {
            if (file.Metadata.GetValueOrDefault(key) is not (null or T))
            {
                throw Unusable($"{key} must be {what}");
            }
        }

        uint? InRange(string name, uint least, uint most)
        {
            var value = file.Metadata.GetValueOrDefault($"clip.vision.{name}") as uint?;
            return !(value < least) && !(value > most) ? value : throw Unusable($"clip.vision.{name} is {value}; {least} to {most} is possible");
        }

        InvalidDataException Unusable(string reason) => new($"{path} is not a usable image projector: {reason}.");
    }
}
