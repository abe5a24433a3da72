using System.Collections.Immutable;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>Every format there is.</summary>
public static class CaseFormats
{
    /// <summary>The surest to be recognised first.</summary>
    public static ImmutableArray<ICaseFormat> All { get; } =
    [
        new BundleFormat(),
        new ImageFolderFormat(),
        new PromptfooYamlFormat(),
        new PromptfooJsonLinesFormat(),
        new PromptfooCsvFormat(),
        new InspectFormat(),
        new InspectLogFormat(),
        new OpenAIChatFormat(),
        new CocoFormat(),
        new LlmComparatorFormat(),
    ];

    /// <summary>The format with that id, or null.</summary>
    public static ICaseFormat? Find(string id) => All.FirstOrDefault(format => format.Id == id);

    /// <summary>The first format that recognises the files, or null.</summary>
    public static ICaseFormat? Recognise(IImportFiles files) => All.FirstOrDefault(format => format.Recognises(files));
}
