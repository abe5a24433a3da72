using MuseWorkbench.Engine.Runtimes.Gguf;

namespace MuseWorkbench.Engine.Runtimes.Llama;

/// <summary>
/// Checks a model file in managed code before llama.cpp sees it: there, much that is wrong with a file ends the process
/// instead of failing the load.
/// </summary>
internal static class LlamaModelFile
{
    private const int MaxLayers = 512;

    /// <exception cref="FileNotFoundException">No such file.</exception>
    /// <exception cref="InvalidDataException">Not GGUF, damaged, truncated, or its metadata contradicts itself.</exception>
    /// <exception cref="RuntimeLoadException">A GGUF file, but no language model.</exception>
    public static void Check(string path)
    {
        using var file = GgufFile.Open(path);
        var architecture = file.RequireString("general.architecture");
        if (architecture == "clip")
        {
            throw new RuntimeLoadException($"{path} is an image projector (mmproj), not a language model; give it as the projector.");
        }

        if (file.FindString("general.type") is { } type && type != "model")
        {
            throw new RuntimeLoadException($"{path} holds a {type}, not a model.");
        }

        CheckShape(file, architecture, path);
        CheckVocabulary(file, path);
    }

    private static void CheckShape(GgufFile file, string architecture, string path)
    {
        CheckRange("block_count", MaxLayers);
        CheckRange("context_length", int.MaxValue);
        CheckRange("embedding_length", int.MaxValue);

        void CheckRange(string name, int most)
        {
            var key = $"{architecture}.{name}";
            if (file.FindInteger(key) is { } value && (value < 1 || value > most))
            {
                throw Invalid(path, $"{key} is {value}");
            }
        }
    }

    private static void CheckVocabulary(GgufFile file, string path)
    {
        if (file.FindString("tokenizer.ggml.model") is null or "none" or "no_vocab")
        {
            throw new RuntimeLoadException($"{path} carries no tokenizer (tokenizer.ggml.model), so it cannot read text.");
        }

        var tokens = file.RequireArray<string>("tokenizer.ggml.tokens");
        var seen = new HashSet<string>(tokens.Count, StringComparer.Ordinal);
        foreach (var text in tokens)
        {
            // llama.cpp reads to the first NUL. Bytes that are no UTF-8 all read as U+FFFD here and may well differ.
            var token = text.Split('\0', 2)[0];
            if (!seen.Add(token) && token.Length > 0 && !token.Contains('\uFFFD'))
            {
                throw Invalid(path, $"token \"{token}\" is in the vocabulary twice");
            }
        }

        CheckEach<float>("scores");
        if (file.Metadata.GetValueOrDefault("tokenizer.ggml.token_type") is not uint[])
        {
            CheckEach<int>("token_type");
        }

        _ = file.FindArray<string>("tokenizer.ggml.merges");

        void CheckEach<T>(string name)
        {
            if (file.FindArray<T>($"tokenizer.ggml.{name}") is { } values && values.Count < tokens.Count)
            {
                throw Invalid(path, $"tokenizer.ggml.{name} has {values.Count} entries for {tokens.Count} tokens");
            }
        }
    }

    private static InvalidDataException Invalid(string path, string reason) => new($"{path} is not a usable model: {reason}.");
}
