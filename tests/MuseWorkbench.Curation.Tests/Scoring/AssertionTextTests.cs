using System.Text.Json.Nodes;
using MuseWorkbench.Curation.Scoring;

namespace MuseWorkbench.Curation.Tests.Scoring;

public class AssertionTextTests
{
    private const string OfEachKind = """
        - {type: equals, value: a, ignoreCase: true}
        - {type: starts-with, value: a}
        - {type: contains, value: a}
        - {type: not-icontains, value: a, weight: 2}
        - {type: contains-any, value: [a, b], metric: words}
        - {type: icontains-any, value: [a, b]}
        - {type: contains-all, value: [a, '3']}
        - {type: icontains-all, value: [a, b]}
        - {type: regex, value: 'a+'}
        - {type: numeric, value: 3.5, tolerance: 0.1, relative: 0.01, take: last, channel: answer, agent: 2}
        - {type: count-error, value: 3, label: egg, threshold: 1, channel: regions}
        - {type: choice, value: B, choices: [a, b]}
        - {type: relaxed-accuracy, value: '12%'}
        - {type: anls, value: [a, b], threshold: 0.7}
        - {type: vqa, value: [a, a, b]}
        - {type: levenshtein, value: abc, threshold: 2}
        - {type: rouge-n, value: a b}
        - {type: rouge-1, value: a b}
        - {type: rouge-2, value: a b}
        - {type: rouge-l, value: a b}
        - {type: bleu, value: a b}
        - {type: is-json, value: {type: object}}
        - {type: contains-json}
        - {type: iou, value: [{label: egg, x0: 0, y0: 0, x1: 0.5, y1: 0.25}], labels: true}
        - {type: acc-at-iou, value: [], minIou: 0.75}
        - {type: point-in-box, value: [], agent: 1}
        - {type: not-tool-called, value: zoom, arguments: {x: 1, y: [true, null]}}
        - {type: latency, threshold: 5000}
        - {type: tokens, threshold: 500, count: criticalPath}
        - {type: llm-rubric, value: Is it right?, threshold: 0.8, channel: reasoning, agent: 0}
        """;

    [Fact]
    public void Write_OfEachKind_ReadBackTheSame()
    {
        var assertions = AssertionText.Read(OfEachKind);
        Assert.Equal(ScorerCatalogue.All.Select(kind => kind.Name), assertions.Select(a => a.Type));
        var json = AssertionText.WriteJson(assertions);
        Assert.Equal(json, AssertionText.WriteJson(AssertionText.Read(json)));
        Assert.Equal(json, AssertionText.WriteJson(AssertionText.Read(AssertionText.WriteYaml(assertions))));
        // Nothing that was said is lost on the way.
        var written = JsonNode.Parse(json)!.AsArray();
        Assert.Equal("not-icontains", (string?)written[3]!["type"]);
        Assert.Equal(2, (double)written[3]!["weight"]!);
        Assert.Equal(("answer", 2), ((string?)written[9]!["channel"], (int)written[9]!["agent"]!));
        Assert.Equal(2, (int)written[15]!["threshold"]!);
        Assert.Equal(0.8, (double)written[^1]!["threshold"]!);
    }

    [Fact]
    public void Read_PromptfooTest_UnderAssert() =>
        Assert.Equal(["contains", "is-json"], AssertionText.Read("assert:\n  - type: contains\n    value: dog\n    weight: 2\n    metric: m\n  - type: is-json\n").Select(a => a.Type));

    [Theory]
    [InlineData("- {type: contain, value: a}", "assert[0]: there is no assertion of type “contain”. Is 'contains' meant?")]
    [InlineData("- {type: not-regexp, value: a}", "assert[0]: there is no assertion of type “not-regexp”. Is 'not-regex' meant?")]
    [InlineData("- {type: javascript, value: a}", "assert[0]: there is no assertion of type “javascript”.")]
    [InlineData("- {value: a}", "assert[0] has no 'type'.")]
    [InlineData("- a", "assert[0] is not an assertion: a mapping with a 'type' is expected.")]
    [InlineData("a: b", "A list of assertions is expected, each with a 'type'.")]
    [InlineData("- {type: contains}", "assert[0] (contains): it lacks 'value'.")]
    [InlineData("- {type: contains, value: a, wieght: 2}", "assert[0] (contains): it has no setting 'wieght'.")]
    [InlineData("- {type: icontains, value: a, ignoreCase: false}", "assert[0] (icontains): it has no setting 'ignoreCase'.")]
    [InlineData("- {type: contains, value: a, weight: heavy}", "assert[0] (contains): 'weight' is a number from 0 to 1000.")]
    [InlineData("- {type: contains, value: a, weight: -1}", "assert[0] (contains): 'weight' is a number from 0 to 1000.")]
    [InlineData("- {type: anls, value: a, threshold: 50}", "assert[0] (anls): 'threshold' is a number from 0 to 1.")]
    [InlineData("- {type: contains, value: {a: b}}", "assert[0] (contains): what stands at 'value' is not what is expected there.")]
    [InlineData("- {type: contains, value: [a, b]}", "assert[0] (contains): 'value' is one text; for several there are contains-any and contains-all.")]
    [InlineData("- {type: contains, value: ''}", "assert[0] (contains): 'value' holds an empty text: every text contains that.")]
    [InlineData("- {type: numeric, value: many}", "assert[0] (numeric): what stands at 'value' is not what is expected there.")]
    [InlineData("- {type: numeric, value: 3, take: middle}", "assert[0] (numeric): what stands at 'take' is not what is expected there.")]
    [InlineData("- {type: numeric, value: 3, tolerance: -1}", "assert[0] (numeric): 'tolerance' is below 0.")]
    [InlineData("- {type: choice, value: E, choices: [a, b]}", "assert[0] (choice): 'value' is none of the choices, nor the letter of one.")]
    [InlineData("- {type: iou, value: [{label: a, x0: 10, y0: 0, x1: 20, y1: 5}]}", "assert[0] (iou): value[0] is no region: 0 ≤ x0 ≤ x1 ≤ 1 and 0 ≤ y0 ≤ y1 ≤ 1, in shares of the image, not pixels.")]
    [InlineData("- {type: iou, value: [], channel: final}", "assert[0] (iou) can't look at the channel 'final', only at 'regions'.")]
    [InlineData("- {type: equals, value: a, channel: reasoning}", "assert[0] (equals): the channel 'reasoning' is one agent's: 'agent' says whose, by its index from 0.")]
    [InlineData("- {type: equals, value: a, agent: 1}", "assert[0] (equals): the channel 'final' belongs to the run, not to an agent; for an agent's answer say 'channel: answer'.")]
    [InlineData("- {type: equals, value: a, channel: thoughts}", "assert[0] (equals): there is no channel “thoughts”; there are final, answer, reasoning, regions, tools, run.")]
    [InlineData("- {type: equals, value: a, channel: answer, agent: 1.5}", "assert[0] (equals): 'agent' is a whole number, from 0.")]
    [InlineData("- type: }", "This is not YAML: line 1 can't be read.")]
    [InlineData("[{\"type\": \"equals\" \"value\": 1}]", "This is not JSON: line 1 can't be read.")]
    public void Read_WrongText_SaysWhatAndWhere(string text, string message) =>
        Assert.Equal(message, Assert.Throws<AssertionFormatException>(() => AssertionText.Read(text)).Message);

    [Fact]
    public void Read_Nothing_NoAssertions() => Assert.Empty(AssertionText.Read(""));
}
