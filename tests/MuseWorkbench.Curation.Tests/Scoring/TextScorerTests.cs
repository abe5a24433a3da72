using System.Text.Json.Nodes;
using MuseWorkbench.Curation.Scoring;
using MuseWorkbench.Curation.Scoring.Scorers;

namespace MuseWorkbench.Curation.Tests.Scoring;

public class TextScorerTests
{
    private static TextScorer Scorer(string assertion) => (TextScorer)Assert.Single(AssertionText.Read($"- {assertion}")).Scorer;

    [Theory]
    [InlineData("{type: equals, value: 3 eggs}", " 3 eggs\n", 1)]
    [InlineData("{type: equals, value: 3 eggs}", "3 Eggs", 0)]
    [InlineData("{type: equals, value: 3 eggs, ignoreCase: true}", "3 Eggs", 1)]
    [InlineData("{type: equals, value: 3}", "3", 1)]
    [InlineData("{type: starts-with, value: Yes}", "Yes, two", 1)]
    [InlineData("{type: starts-with, value: Yes}", "Oh Yes", 0)]
    [InlineData("{type: contains, value: egg}", "two eggs", 1)]
    [InlineData("{type: contains, value: Egg}", "two eggs", 0)]
    [InlineData("{type: icontains, value: Egg}", "two eggs", 1)]
    [InlineData("{type: contains-any, value: [cat, egg]}", "two eggs", 1)]
    [InlineData("{type: contains-all, value: [two, egg]}", "two eggs", 1)]
    [InlineData("{type: contains-all, value: [two, cat]}", "two eggs", 0)]
    [InlineData("{type: icontains-all, value: [TWO, EGG]}", "two eggs", 1)]
    [InlineData("{type: icontains-any, value: [DOG]}", "two eggs", 0)]
    [InlineData("{type: regex, value: '^\\d+ eggs?$'}", "3 eggs", 1)]
    [InlineData("{type: regex, value: '^\\d+ eggs?$'}", "three eggs", 0)]
    public void Match_Text_AsTheRuleSays(string assertion, string text, double expected) => Assert.Equal(expected, Scorer(assertion).Score(text).Value);

    [Fact]
    public void Regex_CatastrophicPattern_LinearTime()
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.Equal(0, Scorer("{type: regex, value: '^(a+)+$'}").Score(new string('a', 50_000) + "b").Value);
        // With backtracking this takes 2⁵⁰⁰⁰⁰ steps.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData("(?=a)b", "look-around")]
    [InlineData(@"(a)\1", "back-reference")]
    [InlineData("(a", "can't be read")]
    public void Regex_PatternNotRun_Refused(string pattern, string says) =>
        Assert.Contains(says, Assert.Throws<AssertionFormatException>(() => AssertionText.Read($"- type: regex\n  value: '{pattern}'")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("{type: numeric, value: 334}", "About 334 kcal.", 1.0)]
    [InlineData("{type: numeric, value: 1234.5}", "It is 1,234.50", 1.0)]
    [InlineData("{type: numeric, value: -3}", "minus: −3", 1.0)]
    [InlineData("{type: numeric, value: 3.2, tolerance: 0.1}", "3.3", 1.0)]
    [InlineData("{type: numeric, value: 3.2, tolerance: 0.1}", "3.31", 0.0)]
    [InlineData("{type: numeric, value: 200, relative: 0.05}", "190", 1.0)]
    [InlineData("{type: numeric, value: 200, relative: 0.05}", "189", 0.0)]
    [InlineData("{type: numeric, value: 1e3}", "1e3", 1.0)]
    [InlineData("{type: numeric, value: 5, take: last}", "3 and 5", 1.0)]
    [InlineData("{type: numeric, value: 5, take: first}", "3 and 5", 0.0)]
    public void Number_WithinTolerance_AsTheRuleSays(string assertion, string text, double expected) => Assert.Equal(expected, Scorer(assertion).Score(text).Value);

    [Theory]
    [InlineData("none at all")]
    [InlineData("3 or 4")]
    public void Number_NoSingleNumber_Unreadable(string text)
    {
        var score = Scorer("{type: numeric, value: 3}").Score(text);
        Assert.Equal(((double?)0, true), (score.Value, score.IsUnreadable));
    }

    [Theory]
    [InlineData("B")]
    [InlineData("b.")]
    [InlineData("**B**")]
    [InlineData("(B)")]
    [InlineData("The answer is B.")]
    [InlineData("Answer: (B) egg")]
    [InlineData("answer: **B**")]
    [InlineData("(A) is too small, so the answer is (B).")]
    [InlineData(@"So \boxed{B}")]
    [InlineData("I choose (B).")]
    [InlineData("B) egg")]
    [InlineData("A cat? No.\nB. egg")]
    [InlineData("egg")]
    [InlineData("It is an egg, I think.")]
    public void MultipleChoice_ReadableChoice_Right(string text)
    {
        var score = Scorer("{type: choice, value: B, choices: [cat food, egg, red apple, apple]}").Score(text);
        Assert.False(score.IsUnreadable, score.Reason);
        Assert.Equal(1, score.Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("A cat and an elephant")]
    [InlineData("(A) or (B)")]
    [InlineData("E")]
    [InlineData("egg or apple")]
    [InlineData("The answer is a mystery")]
    public void MultipleChoice_NoSingleChoice_WrongAndCountedNeverGuessed(string text)
    {
        var score = Scorer("{type: choice, value: B, choices: [cat food, egg, red apple, apple]}").Score(text);
        Assert.Equal(((double?)0, true), (score.Value, score.IsUnreadable));
    }

    [Fact]
    public void MultipleChoice_OptionWithinOption_LongerMeant() =>
        Assert.Equal(1, Scorer("{type: choice, value: red apple, choices: [cat food, egg, red apple, apple]}").Score("A red apple!").Value);

    [Theory]
    [InlineData("105", "100", 1)]
    [InlineData("105.1", "100", 0)]
    [InlineData("50%", "0.5", 1)]
    [InlineData("0.01", "0", 0)]
    [InlineData("0", "0", 1)]
    [InlineData("Blue.", "blue", 1)]
    [InlineData("-95", "-100", 1)]
    public void ChartQa_Published_RelaxedAccuracy(string answer, string target, double expected) =>
        Assert.Equal(expected, Scorer($"{{type: relaxed-accuracy, value: '{target}'}}").Score(answer).Value);

    [Theory]
    [InlineData("Kitten", "sitting", 1 - 3 / 7.0)]
    [InlineData("  the   CAT ", "the cat", 1.0)]
    [InlineData("abcd", "abxy", 0.0)]
    [InlineData("", "a", 0.0)]
    public void Anls_Distance_BelowHalfCounts(string answer, string reference, double expected) =>
        Assert.Equal(expected, Scorer($"{{type: anls, value: [zzzzzzzzz, '{reference}']}}").Score(answer).Value!.Value, 1e-12);

    [Fact]
    public void Levenshtein_WithinDistance_Passes()
    {
        Assert.Equal(1, Scorer("{type: levenshtein, value: sitting, threshold: 3}").Score("kitten").Value);
        Assert.Equal(0, Scorer("{type: levenshtein, value: sitting, threshold: 2}").Score("kitten").Value);
    }

    // The published rule: 3 of 10 who agree are 0.9 (leaving one out), 4 or more are 1.
    [Theory]
    [InlineData(0, 0.0)]
    [InlineData(1, 0.3)]
    [InlineData(2, 0.6)]
    [InlineData(3, 0.9)]
    [InlineData(4, 1.0)]
    [InlineData(10, 1.0)]
    public void Vqa_Consensus_LeaveOneOut(int agreeing, double expected)
    {
        var scorer = new VqaScorer { Value = [.. Enumerable.Repeat("Two.", agreeing), .. Enumerable.Range(0, 10 - agreeing).Select(i => $"other{i}")] };
        Assert.Equal(expected, scorer.Score("the 2").Value!.Value, 1e-12);
    }

    [Theory]
    [InlineData("The dog's", "dog's")]
    [InlineData("dont know", "don't know")]
    [InlineData("A red-ish, apple!", "red ish apple")]
    [InlineData("ten", "10")]
    [InlineData("1,000", "1000")]
    [InlineData("3.5 m.", "3.5 m")]
    public void Vqa_Normalise_AsTheOfficialEvaluation(string answer, string expected) => Assert.Equal(expected, VqaScorer.Normalise(answer));

    // Published: the example of rouge_score's README (P, R of 6/8, 6/9 and 5/8, 5/9).
    [Theory]
    [InlineData("rouge-1", 0.7058823529411765)]
    [InlineData("rouge-n", 0.7058823529411765)]
    [InlineData("rouge-l", 0.5882352941176471)]
    [InlineData("rouge-2", 4 / 15.0)]
    public void Rouge_ReadmeExample_AsPublished(string type, double expected) =>
        Assert.Equal(expected, Scorer($"{{type: {type}, value: The quick brown fox jumps over the lazy dog}}").Score("The quick brown dog jumps on the log.").Value!.Value, 1e-12);

    // nltk 3.8, sentence_bleu with SmoothingFunction().method3, on mteval-13a tokens.
    [Theory]
    [InlineData("the cat is on the mat", 0.37991784282579627, "the cat sat on the mat")]
    [InlineData("It is a guide to action which ensures that the military always obeys the commands of the party.", 0.5401725898595141,
        "It is a guide to action that ensures that the military will forever heed Party commands.",
        "It is the guiding principle which guarantees the military forces always being under the command of the Party.",
        "It is the practical guide for the army always to heed the directions of the party.")]
    [InlineData("a plate with 3.5 eggs, red", 0.15447878876032708, "a red plate with two eggs, sliced tomatoes")]
    [InlineData("red plate with two eggs", 0.44932896411722156, "a red plate with two eggs, sliced tomatoes")]
    public void Bleu_Nltk_Same(string text, double expected, params string[] references) =>
        Assert.Equal(expected, new BleuScorer { Value = [.. references] }.Score(text).Value!.Value, 1e-9);

    [Fact]
    public void Bleu_ShortText_UpToItsOwnOrder() =>
        // Two words, both right: no 3-gram is missed; the brevity penalty alone counts.
        Assert.Equal(Math.Exp(1 - 4 / 2.0), new BleuScorer { Value = ["two eggs and tomatoes"] }.Score("two eggs").Value!.Value, 1e-12);

    [Theory]
    [InlineData("{type: is-json}", "{\"a\": 1}", 1)]
    [InlineData("{type: is-json}", "Here: {\"a\": 1}", 0)]
    [InlineData("{type: contains-json}", "Here [see]: ```json\n{\"a\": 1}\n```", 1)]
    [InlineData("{type: contains-json}", "no {json} here", 0)]
    [InlineData("{type: is-json, value: {type: object, required: [a], properties: {a: {type: integer}}}}", "{\"a\": 1}", 1)]
    [InlineData("{type: is-json, value: {type: object, required: [a], properties: {a: {type: integer}}}}", "{\"a\": \"x\"}", 0)]
    [InlineData("{type: contains-json, value: {type: array, items: {$ref: '#/$defs/n'}, $defs: {n: {type: number}}}}", "first {} then [1, 2]", 1)]
    public void Json_Text_AsTheRuleSays(string assertion, string text, double expected) => Assert.Equal(expected, Scorer(assertion).Score(text).Value);

    [Theory]
    [InlineData("{\"$ref\": \"#\"}", "refers to itself")]
    [InlineData("{\"$defs\": {\"a\": {\"$ref\": \"#/$defs/b\"}, \"b\": {\"$ref\": \"#/$defs/a\"}}, \"$ref\": \"#/$defs/a\"}", "refers to itself")]
    [InlineData("{\"$ref\": \"https://example.com/schema\"}", "refers to another one")]
    [InlineData("{\"pattern\": \"^(a+)+$\"}", "'pattern'")]
    [InlineData("{\"patternProperties\": {\"(a+)+$\": {}}}", "'patternProperties'")]
    [InlineData("{\"$dynamicRef\": \"#x\"}", "'$dynamicRef'")]
    [InlineData("{\"type\": \"nonsense\"}", "can't be read")]
    [InlineData("{\"properties\": {\"a\": {\"$id\": \"urn:a\"}}}", "'$id' of its own")]
    [InlineData("{\"$ref\": \"#/$defs/none\"}", "has nothing at")]
    [InlineData("3", "A schema is an object")]
    public void Json_HostileSchema_Refused(string schema, string says)
    {
        var list = new JsonArray(new JsonObject { ["type"] = "is-json", ["value"] = JsonNode.Parse(schema) });
        Assert.Contains(says, Assert.Throws<AssertionFormatException>(() => AssertionText.Read(list)).Message, StringComparison.Ordinal);
    }

    // 2²⁰ steps in twenty lines; a chain that would use up the stack.
    [Theory]
    [InlineData(20, 2, "too large")]
    [InlineData(4_000, 1, "too deep")]
    public void Json_SchemaOfManyReferences_Refused(int length, int branches, string says)
    {
        var definitions = new JsonObject { [$"d{length}"] = new JsonObject() };
        for (var i = 0; i < length; i++)
            definitions[$"d{i}"] = new JsonObject { ["allOf"] = new JsonArray([.. Enumerable.Repeat(i + 1, branches).Select(Ref)]) };
        var schema = new JsonObject { ["$ref"] = "#/$defs/d0", ["$defs"] = definitions };
        var list = new JsonArray(new JsonObject { ["type"] = "is-json", ["value"] = schema });
        Assert.Contains(says, Assert.Throws<AssertionFormatException>(() => AssertionText.Read(list)).Message, StringComparison.Ordinal);

        static JsonObject Ref(int i) => new() { ["$ref"] = $"#/$defs/d{i}" };
    }
}
