using System.Text.RegularExpressions;
using MuseWorkbench.Engine.Tests.Runtimes;

namespace MuseWorkbench.Engine.Tests.Sampling.Grammars;

/// <summary>The published schema of structured answers is one a model can be held to.</summary>
public sealed partial class StructuredAnswerSchemaTests
{
    [Fact]
    public async Task Compile_PublishedSchema_TakesTheDocumentsExamples()
    {
        var docs = Path.Combine(RepositoryFiles.Root, "docs");
        var grammar = Following.Schema(await File.ReadAllTextAsync(Path.Combine(docs, "structured-answers.schema.json"), TestContext.Current.CancellationToken));
        var examples = Example().Matches(await File.ReadAllTextAsync(Path.Combine(docs, "structured-answers.md"), TestContext.Current.CancellationToken));

        Assert.Equal(3, examples.Count);
        Assert.All(examples, example => Assert.True(grammar.Takes(example.Groups[1].Value), example.Groups[1].Value));
        Assert.False(grammar.Takes("""{"kind":"weather","items":[{"label":"sun"}]}"""));
        Assert.False(grammar.Takes("""{"kind":"food","items":[]}"""));
    }

    [GeneratedRegex("""```json\n(\{"kind".+)\n```""")]
    private static partial Regex Example();
}
