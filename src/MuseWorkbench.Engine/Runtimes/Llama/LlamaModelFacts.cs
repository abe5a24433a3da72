using System.Globalization;
using System.Text;

namespace MuseWorkbench.Engine.Runtimes.Llama;

/// <summary>What a loaded model says about itself.</summary>
internal static unsafe class LlamaModelFacts
{
    private const int MaxText = 256;

    /// <summary>Architecture, size and storage, such as <c>llama 8B Q4_K - Medium</c>.</summary>
    public static string Describe(LlamaModelHandle model)
    {
        var buffer = stackalloc byte[MaxText];
        var length = LlamaNative.llama_model_desc(model, buffer, MaxText);
        // llama.cpp names the sizes it knows, and writes ?B for the rest.
        return Encoding.UTF8.GetString(buffer, Math.Clamp(length, 0, MaxText - 1))
            .Replace("?B", Count(LlamaNative.llama_model_n_params(model)), StringComparison.Ordinal);
    }

    /// <summary>The model's architecture, such as <c>qwen3vl</c>.</summary>
    public static string? Architecture(LlamaModelHandle model) => Read(model, "general.architecture");

    /// <summary>Layers × KV heads × (key + value width) × bytes × cells: exact where all layers are alike.</summary>
    public static long KvBytes(LlamaModelHandle model, KvCacheType type, int cells)
    {
        var values = (long)LlamaNative.llama_model_n_layer(model) * LlamaNative.llama_model_n_head_kv(model) * HeadWidths(model) * cells;
        return type switch
        {
            KvCacheType.F32 => values * 4,
            KvCacheType.Q8_0 => values / 32 * 34,
            _ => values * 2,
        };
    }

    /// <summary>Layers × heads × (key + value width).</summary>
    public static long AttentionPerCell(LlamaModelHandle model) =>
        (long)LlamaNative.llama_model_n_layer(model) * LlamaNative.llama_model_n_head(model) * HeadWidths(model);

    /// <summary>Whether a sequence's state is all of its cells: no layer that forgets what lies outside a window. Models with a running state are not loaded.</summary>
    public static bool KeepsAllCells(LlamaModelHandle model) => LlamaNative.llama_model_n_swa(model) == 0;

    private static int HeadWidths(LlamaModelHandle model)
    {
        var architecture = Architecture(model);
        var headWidth = LlamaNative.llama_model_n_embd(model) / Math.Max(1, LlamaNative.llama_model_n_head(model));
        return Width("key_length") + Width("value_length");

        int Width(string key) =>
            int.TryParse(Read(model, $"{architecture}.attention.{key}"), NumberStyles.None, CultureInfo.InvariantCulture, out var v) ? v : headWidth;
    }

    private static string Count(ulong parameters) => parameters switch
    {
        >= 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{parameters / 1e9:0.#}B"),
        >= 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{parameters / 1e6:0.#}M"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{parameters / 1e3:0.#}K"),
    };

    private static string? Read(LlamaModelHandle model, string key)
    {
        var buffer = stackalloc byte[MaxText];
        var length = LlamaNative.llama_model_meta_val_str(model, key, buffer, MaxText);
        return length < 0 ? null : Encoding.UTF8.GetString(buffer, Math.Min(length, MaxText - 1));
    }
}
