namespace MuseWorkbench.Engine.Runtimes.Gguf.Preflight;

/// <summary>What kind of file it is, and whether llama.cpp reads the same texts in it as these checks do.</summary>
internal static class ModelChecks
{
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
