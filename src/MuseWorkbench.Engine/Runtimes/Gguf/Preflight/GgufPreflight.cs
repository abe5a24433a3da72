namespace MuseWorkbench.Engine.Runtimes.Gguf.Preflight;

/// <summary>
/// Checks a model file in managed code before llama.cpp sees it: there, much that is wrong with a file ends the process
/// or reads past an array instead of failing the load. Each check closes one class of those, found by reading b10361's
/// loader and by loading damaged files (<c>bench flips</c>); what llama.cpp refuses with a message of its own is left to it.
/// </summary>
internal static class GgufPreflight
{
    // In this order: later checks rest on what earlier ones have established.
    private static readonly Action<ModelHeader>[] s_checks =
    [
        ModelChecks.IsLanguageModel,
        ModelChecks.GeneratesFromCells,
        ModelChecks.TextsAreWhole,
        ShapeChecks.SizesAreInRange,
        ShapeChecks.HeadsDivide,
        ShapeChecks.HeadWidthsAgree,
        ShapeChecks.ExpertsAgree,
        ShapeChecks.NumbersAreUsable,
        ShapeChecks.ArraysAreOfTheirTypes,
        VocabularyChecks.TokenizerIsKnown,
        VocabularyChecks.TokensAreUnique,
        VocabularyChecks.ListsFitTheTokens,
        VocabularyChecks.BytesHaveTokens,
        VocabularyChecks.SpecialTokensExist,
        TensorChecks.CanBeComputedWith,
        TensorChecks.EmbeddingFitsTheVocabulary,
        SplitChecks.PartsAreComplete,
    ];

    /// <exception cref="FileNotFoundException">No such file.</exception>
    /// <exception cref="InvalidDataException">Not GGUF, damaged, truncated, or its metadata contradicts itself.</exception>
    /// <exception cref="RuntimeLoadException">A GGUF file, but no language model that can be served.</exception>
    public static void Check(string path)
    {
        using var file = GgufFile.Open(path);
        var header = new ModelHeader(file, path);
        foreach (var check in s_checks)
        {
            check(header);
        }
    }
}
