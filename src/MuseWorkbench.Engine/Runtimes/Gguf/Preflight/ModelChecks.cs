namespace MuseWorkbench.Engine.Runtimes.Gguf.Preflight;

/// <summary>What kind of file it is, and whether llama.cpp reads the same texts in it as these checks do.</summary>
internal static class ModelChecks
{
    /// <summary>Recurrent ones, and hybrid ones that have such layers (<c>llm_arch_is_recurrent</c>, <c>llm_arch_is_hybrid</c>).</summary>
    private static readonly string[] s_recurrent =
    [
        "mamba", "mamba2", "rwkv6", "rwkv6qwen2", "rwkv7", "arwkv7",
        "jamba", "falcon-h1", "plamo2", "granitehybrid", "lfm2", "lfm2moe", "nemotron_h", "nemotron_h_moe", "qwen3next", "kimi-linear", "qwen35", "qwen35moe", "deepseek4",
    ];

    private static readonly string[] s_encoders =
        ["t5", "t5encoder", "bert", "modern-bert", "nomic-bert", "nomic-bert-moe", "neo-bert", "jina-bert-v2", "jina-bert-v3", "eurobert", "gemma-embedding"];

    /// <summary>Those that fill in a whole text at a time (<c>llm_arch_is_diffusion</c>).</summary>
    private static readonly string[] s_diffusion = ["dream", "llada", "llada-moe", "rnd1"];

    public static void IsLanguageModel(ModelHeader model)
    {
        if (model.Architecture == "clip")
        {
            throw new RuntimeLoadException($"{model.Path} is an image projector (mmproj), not a language model; give it as the projector.");
        }

        if (model.File.FindString("general.type") is { } type && type != "model")
        {
            throw new RuntimeLoadException($"{model.Path} holds a {type}, not a model.");
        }

        // An image attends in both directions for one decode; a prompt longer than a batch that always does would abort.
        if (model.Find("attention.causal") is false)
        {
            throw new RuntimeLoadException($"{model.Path} attends in both directions ({model.Key("attention.causal")}), so it is no model that generates text.");
        }
    }

    /// <summary>llama.cpp loads these too; its own answer is asked for as well (<see cref="Llama.LlamaLoader"/>), but only after the weights are read.</summary>
    public static void GeneratesFromCells(ModelHeader model)
    {
        if (s_recurrent.Contains(model.Architecture))
        {
            throw new RuntimeLoadException(Recurrent(model.Path, model.Architecture));
        }

        if (s_encoders.Contains(model.Architecture))
        {
            throw new RuntimeLoadException($"{model.Path} has an encoder ({model.Architecture}); only models that decode alone can be served.");
        }

        if (s_diffusion.Contains(model.Architecture))
        {
            throw new RuntimeLoadException($"{model.Path} is a diffusion model ({model.Architecture}); only models that generate text token by token can be served.");
        }
    }

    /// <summary>Such a state can't be cut back to where a prompt ends, nor forked within, which is what requests share their beginnings by.</summary>
    public static string Recurrent(string path, string architecture) =>
        $"{path} is a recurrent or hybrid model ({architecture}): it keeps a running state, which can't be cut or shared as a KV cache can. Only models whose layers all attend can be served.";

    /// <summary>llama.cpp reads keys and texts up to the first NUL, and so could see another name than the one checked.</summary>
    public static void TextsAreWhole(ModelHeader model)
    {
        foreach (var (key, value) in model.File.Metadata)
        {
            if (key.Length == 0 || key.Contains('\0'))
            {
                throw model.Unusable(key.Length == 0 ? "a metadata key is empty" : $"the metadata key \"{key.Replace('\0', ' ')}\" holds a NUL");
            }

            if (value is string text && text.Contains('\0'))
            {
                throw model.Unusable($"the text of {key} holds a NUL");
            }
        }
    }
}
