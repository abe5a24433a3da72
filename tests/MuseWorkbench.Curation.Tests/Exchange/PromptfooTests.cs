using MuseWorkbench.Curation.Exchange;
using MuseWorkbench.Curation.Tests.Kit;

namespace MuseWorkbench.Curation.Tests.Exchange;

public class PromptfooTests
{
    private static readonly byte[] s_png = Pngs.Grey(8, 8, 9);

    [Fact]
    public async Task ImportYaml_PromptAndDefaults_AreAppliedToEveryTest()
    {
        var bench = new Bench();
        var zip = new RawZip().Add("promptfooconfig.yaml", """
            prompts: ["Count the {{ thing }} in {{image}}, please."]
            providers: [{id: openai:chat:m, label: A}]
            defaultTest:
              vars: {image: file://a.png}
              assert: [{type: latency, threshold: 5000}]
            tests:
            - description: d
              vars: {thing: eggs}
              metadata: {tags: [x], kind: easy}
              threshold: 0.5
              assert: [{type: contains, value: dog, weight: 2, metric: m}]
            """).Add("a.png", s_png);

        var report = await bench.ImportZipAsync(zip.ToBytes());

        Assert.Empty(report.Faults);
        var only = Assert.Single(bench.Cases);
        Assert.Equal(("Count the eggs in , please.", "d"), (only.Prompt, only.Notes));
        Assert.Equal(["kind:easy", "x"], only.Tags);
        Assert.Single(only.Images);
        Assert.Equal(
            """{"type":"assert-set","threshold":0.5,"assert":[{"type":"contains","value":"dog","weight":2,"metric":"m"},{"type":"latency","threshold":5000}]}""",
            Assert.Single(only.Assertions).GetRawText());
        Assert.StartsWith("case-", only.Id, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dog", """{"type":"equals","value":"dog"}""")]
    [InlineData("contains:dog", """{"type":"contains","value":"dog"}""")]
    [InlineData("not-icontains-any:dog, cat", """{"type":"not-icontains-any","value":["dog","cat"]}""")]
    [InlineData("similar(0.8):hello: world", """{"type":"similar","threshold":0.8,"value":"hello: world"}""")]
    [InlineData("is-json", """{"type":"is-json"}""")]
    [InlineData("latency(1000)", """{"type":"latency","threshold":1000}""")]
    [InlineData("Time: 5 pm", """{"type":"equals","value":"Time: 5 pm"}""")]
    public void ReadAssertion_ShortForm_IsTheAssertion(string text, string json)
    {
        var read = PromptfooAssertionText.Read(text);

        Assert.Equal(json, read.ToJsonString());
        Assert.Equal(text.Replace(", cat", ",cat", StringComparison.Ordinal), PromptfooAssertionText.TryWrite(ImportText.ToElement(read)));
    }

    [Theory]
    [InlineData("""{"type":"contains","value":"dog","weight":2}""")]
    [InlineData("""{"type":"equals","value":5}""")]
    [InlineData("""{"type":"contains-any","value":["a,b","c"]}""")]
    [InlineData("""{"type":"javascript","value":"output.length"}""")]
    public void WriteAssertion_NoShortForm_IsNull(string json) =>
        Assert.Null(PromptfooAssertionText.TryWrite(ImportText.ParseJson(json)));

    [Fact]
    public void WriteAssertion_EqualsATextThatLooksLikeOne_SaysEquals() =>
        Assert.Equal("equals:contains:dog", PromptfooAssertionText.TryWrite(ImportText.ParseJson("""{"type":"equals","value":"contains:dog"}""")));

    [Fact]
    public async Task ImportCsv_OneExpectedText_IsTheExpectedAnswerToo()
    {
        var bench = new Bench();

        await bench.ImportAsync("t.csv", "question,__expected,__metadata:tags[],__description\r\n\"What, \"\"exactly\"\"?\",dog,\"a,b\\,c\",first\r\n");

        var only = Assert.Single(bench.Cases);
        Assert.Equal(("What, \"exactly\"?", "dog", "first"), (only.Prompt, only.Expected, only.Notes));
        Assert.Equal(["a", "b,c"], only.Tags);
        Assert.Equal("""{"type":"equals","value":"dog"}""", Assert.Single(only.Assertions).GetRawText());
    }

    [Fact]
    public async Task ImportJsonl_ImageOnTheNetwork_IsSkippedNotFetched()
    {
        var bench = new Bench();

        var report = await bench.ImportAsync("t.jsonl", """
            {"vars":{"question":"What?","image":"https://example.org/a.png"}}
            {"vars":{"question":"And without?"}}
            """);

        Assert.Equal(1, report.Taken);
        Assert.Contains("nothing is fetched", Assert.Single(report.Skipped).Reason, StringComparison.Ordinal);
    }
}
