using MuseWorkbench.Agents.Parsing;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tests.Parsing;

public class StreamParserTests
{
    private const string AppleBox = "<loc0032><loc0672><loc0192><loc0800>";
    private const string EggBox = "<loc0512><loc0064><loc0640><loc0192>";

    public static TheoryData<string, string> Transcripts => new()
    {
        { "muse-mini", $"<think>I see apple{AppleBox}; egg{EggBox}. apples: 1.</think>1" },
        { "muse-mini", $"<think>I see banana{AppleBox}; banana{EggBox}.</think>{AppleBox} banana ; {EggBox} banana" },
        { "muse-mini", $"<think>I see egg{EggBox}. energy: egg 78.</think><tool_call>{{\"name\":\"calculator\",\"arguments\":{{\"expression\":\"78\"}}}}</tool_call>" },
        { "muse-mini", "<think>a < b, <thin, <loc, <loc12, <loc12345> and <locx></think>x <tool_cal y" },
        { "muse-mini", $"<think>I see apple<loc0032><loc0672><loc0192>. {AppleBox}{EggBox}pear" },
        { "muse-mini", $"{AppleBox}{EggBox} pear, fig.\n\n<loc0001>" },
        { "muse-mini", "<tool_call>{\"name\":\"calculator\",\"argu" },
        { "muse-mini", "<tool_call>{nonsense}</tool_call> after <tool_call>{\"name\":\"f\",\"parameters\":{}}" },
        { "muse-mini", $"{AppleBox} {new string('x', 100)}, tail" },
        { "muse-mini", "</think><think>\n\nlate</think>\n\nanswer </thi" },
        { "Qwen/Qwen3-8B", "<think>\nhm <tool_call>\n{\"name\":\"f\",\"arguments\":\"{}\"}\n</tool_call>\n" },
        { "qwen3.5-9b", "thinking\n</think>\n\nanswer" },
        { "magistral-small", "[THINK]a [b] [/THIN c[/THINK]answer [x]" },
        { "gpt-something", "<think>no markup</think> <loc0001>" },
    };

    [Theory]
    [MemberData(nameof(Transcripts))]
    public void Feed_OneCharacterAtATime_SameAsWhole(string model, string raw) =>
        Assert.Equal(Parse(model, raw), Parse(model, [.. raw.Select(c => c.ToString())]));

    [Theory]
    [MemberData(nameof(Transcripts))]
    public void Feed_EverySplitInTwo_SameAsWhole(string model, string raw)
    {
        var whole = Parse(model, raw);
        for (var at = 1; at < raw.Length; at++)
            Assert.Equal(whole, Parse(model, raw[..at], raw[at..]));
    }

    [Theory]
    [MemberData(nameof(Transcripts))]
    public void Feed_RandomFragments_SameAsWhole(string model, string raw)
    {
        var whole = Parse(model, raw);
        var random = new Random(7);
        for (var round = 0; round < 50; round++)
        {
            List<string> fragments = [];
            for (var at = 0; at < raw.Length;)
            {
                var length = Math.Min(random.Next(1, 9), raw.Length - at);
                fragments.Add(raw.Substring(at, length));
                at += length;
            }
            Assert.Equal(whole, Parse(model, [.. fragments]));
        }
    }

    [Fact]
    public void Feed_LabelsBeforeBoxesWhileThinking_RegionsPointAtTheirWords()
    {
        var segments = Parse("muse-mini", $"<think>I see apple{AppleBox}; egg{EggBox}. eggs: 1.</think>1");

        Assert.Equal("I see apple; egg. eggs: 1.", TextOf(segments, TextChannel.Reasoning));
        Assert.Equal("1", TextOf(segments, TextChannel.Answer));
        Assert.Equal(
            [
                new RegionSegment(TextChannel.Reasoning, 6, 5, "apple", new NormalizedBox(688 / 1024.0, 48 / 1024.0, 816 / 1024.0, 208 / 1024.0)),
                new RegionSegment(TextChannel.Reasoning, 13, 3, "egg", new NormalizedBox(80 / 1024.0, 528 / 1024.0, 208 / 1024.0, 656 / 1024.0)),
            ],
            segments.OfType<RegionSegment>());
    }

    [Theory]
    [InlineData("muse-mini", 16 / 1024.0, 1008 / 1024.0)] // names the bins of 32 that edges fall into
    [InlineData("paligemma-3b", 0, 992 / 1024.0)] // names edges
    public void Feed_Box_EdgesReadAsTheFamilyWritesThem(string model, double least, double most)
    {
        var region = Assert.Single(Parse(model, "<loc0000><loc0000><loc0992><loc0992> table ;").OfType<RegionSegment>());

        Assert.Equal(new NormalizedBox(least, least, most, most), region.Box);
    }

    [Fact]
    public void Feed_LabelsAfterBoxesInAnswer_RegionsPointAtTheirWords()
    {
        var segments = Parse("muse-mini", $"<think>hm</think>{AppleBox} ripe banana ; {EggBox} egg");

        Assert.Equal("ripe banana ; egg", TextOf(segments, TextChannel.Answer));
        Assert.Equal(
            [("ripe banana", 0, 11), ("egg", 14, 3)],
            segments.OfType<RegionSegment>().Select(r => (r.Label, r.TextStart, r.TextLength)));
    }

    [Fact]
    public void Feed_BoxAfterItsLabelEnds_ReportedAtOnce()
    {
        var parser = new StreamParser(ModelMarkups.MuseMini);

        Assert.DoesNotContain(parser.Feed($"{AppleBox} banana"), s => s is RegionSegment);
        Assert.Contains(parser.Feed(" ; "), s => s is RegionSegment { Label: "banana" });
    }

    [Theory]
    [InlineData("I can see the red apple", "red apple")]
    [InlineData("1. Egg: a bowl", "bowl")]
    [InlineData("there is one cup on the table", "cup on the table")]
    [InlineData("many many words before coffee machine drip tray", "coffee machine drip tray")]
    [InlineData("", "")]
    public void Feed_WordsBeforeBox_LabelIsTheName(string words, string label)
    {
        var segments = Parse("muse-mini", $"<think>{words}{AppleBox}");

        var region = Assert.Single(segments.OfType<RegionSegment>());
        Assert.Equal(label, region.Label);
        Assert.Equal(label, TextOf(segments, TextChannel.Reasoning).Substring(region.TextStart, region.TextLength));
    }

    [Fact]
    public void Feed_TwoBoxesAfterOneLabel_ShareIt()
    {
        var segments = Parse("muse-mini", $"<think>eggs{AppleBox}{EggBox}");

        Assert.All(segments.OfType<RegionSegment>(), r => Assert.Equal((0, 4, "eggs"), (r.TextStart, r.TextLength, r.Label)));
        Assert.Equal(2, segments.OfType<RegionSegment>().Count());
    }

    [Fact]
    public void Feed_InvertedCorners_Swapped()
    {
        var region = Assert.Single(Parse("muse-mini", "<think>a<loc0512><loc0768><loc0256><loc0128>").OfType<RegionSegment>());

        Assert.Equal(new NormalizedBox(0.140625, 0.265625, 0.765625, 0.515625), region.Box);
    }

    [Theory]
    [InlineData("<loc0100><loc0100><loc0100><loc0300>")]
    [InlineData("<loc2000><loc0100><loc3000><loc0300>")]
    public void Feed_NoAreaAfterClipping_Dropped(string box) =>
        Assert.Empty(Parse("muse-mini", $"<think>egg{box}; egg").OfType<RegionSegment>());

    [Fact]
    public void Feed_PartialTag_HeldBackThenShownAsText()
    {
        var parser = new StreamParser(ModelMarkups.MuseMini);

        Assert.Equal([new TextSegment(TextChannel.Answer, "a ")], parser.Feed("a <tool_ca"));
        Assert.Equal([new TextSegment(TextChannel.Answer, "<tool_carpet")], Merge(parser.Feed("rpet")));
    }

    [Fact]
    public void EndTurn_InsideReasoning_TextStaysReasoning()
    {
        var segments = Parse("muse-mini", "<think>I see ap");

        Assert.Equal("I see ap", TextOf(segments, TextChannel.Reasoning));
        Assert.Equal("", TextOf(segments, TextChannel.Answer));
    }

    [Fact]
    public void EndTurn_AfterThreeLocations_TextStaysWithoutRegion()
    {
        var segments = Parse("muse-mini", "<think>I see apple<loc0032><loc0672><loc0192>");

        Assert.Equal([new TextSegment(TextChannel.Reasoning, "I see apple")], segments);
    }

    [Fact]
    public void EndTurn_InsideToolCall_WrittenTextStays()
    {
        var segments = Parse("muse-mini", "so <tool_call>{\"name\":\"calc");

        Assert.Equal([new TextSegment(TextChannel.Answer, "so <tool_call>{\"name\":\"calc")], segments);
    }

    [Fact]
    public void EndTurn_WholeCallWithoutClosingTag_IsACall() =>
        Assert.Equal(
            [new ToolCallSegment("f", "{\"a\":1}")],
            Parse("muse-mini", "<tool_call>{\"name\":\"f\",\"arguments\":{\"a\":1}}"));

    [Fact]
    public void Feed_CallWhileThinking_EndsReasoning()
    {
        var segments = Parse("qwen3", "<think>\nadd<tool_call>\n{\"name\":\"f\",\"arguments\":{\"e\":\"</think>\"}}\n</tool_call>\ndone");

        Assert.Equal("add", TextOf(segments, TextChannel.Reasoning));
        Assert.Equal(new ToolCallSegment("f", "{\"e\":\"</think>\"}"), Assert.Single(segments.OfType<ToolCallSegment>()));
        Assert.Equal("done", TextOf(segments, TextChannel.Answer));
    }

    [Fact]
    public void Feed_UnreadableCall_SaysWhy()
    {
        var call = Assert.Single(Parse("muse-mini", "<tool_call>{oops</tool_call>").OfType<ToolCallSegment>());

        Assert.Equal(("", "{oops", "The tool call is not valid JSON."), (call.Name, call.Arguments, call.Error));
    }

    [Fact]
    public void Feed_OpenReasoningFamily_StartsInReasoning()
    {
        var segments = Parse("qwen3.5-9b", "hm\n</think>\n\n42");

        Assert.Equal(("hm\n", "42"), (TextOf(segments, TextChannel.Reasoning), TextOf(segments, TextChannel.Answer)));
    }

    [Fact]
    public void Feed_SecondTurn_OffsetsGoOnAcrossTurns()
    {
        var parser = new StreamParser(ModelMarkups.MuseMini);
        List<Segment> segments = [.. parser.Feed("<think>one</think>first"), .. parser.EndTurn()];
        segments.AddRange([.. parser.Feed($"<think>two apples{AppleBox}</think>second"), .. parser.EndTurn()]);

        Assert.Equal("one\n\ntwo apples", TextOf(segments, TextChannel.Reasoning));
        Assert.Equal("first\n\nsecond", TextOf(segments, TextChannel.Answer));
        var region = Assert.Single(segments.OfType<RegionSegment>());
        Assert.Equal("two apples", TextOf(segments, TextChannel.Reasoning).Substring(region.TextStart, region.TextLength));
    }

    [Fact]
    public void SwitchTo_ServerSplitsReasoning_ChannelFollows()
    {
        var parser = new StreamParser(ModelMarkups.Plain);
        List<Segment> segments = [.. parser.SwitchTo(TextChannel.Reasoning), .. parser.Feed("hm"), .. parser.SwitchTo(TextChannel.Answer), .. parser.Feed("42")];

        Assert.Equal([new TextSegment(TextChannel.Reasoning, "hm"), new TextSegment(TextChannel.Answer, "42")], segments);
    }

    [Theory]
    [InlineData("muse-mini", "muse-mini")]
    [InlineData("Qwen/Qwen3-VL-8B", "think")]
    [InlineData("Qwen3.5-4B", "think-open")]
    [InlineData("NousResearch/Hermes-4", "think")]
    [InlineData("google/paligemma2-3b-mix", "paligemma")]
    [InlineData("gpt-5", "plain")]
    public void For_ModelId_Family(string model, string family) => Assert.Equal(family, ModelMarkups.For(model).Family);

    private static List<Segment> Parse(string model, params string[] fragments)
    {
        var parser = new StreamParser(ModelMarkups.For(model));
        List<Segment> segments = [];
        foreach (var fragment in fragments)
            segments.AddRange(parser.Feed(fragment));
        segments.AddRange(parser.EndTurn());
        return Merge(segments);
    }

    // How text is cut into segments depends on the fragments; what it says and where the rest stands must not.
    private static List<Segment> Merge(IEnumerable<Segment> segments)
    {
        List<Segment> merged = [];
        foreach (var segment in segments)
        {
            if (segment is TextSegment text && merged.LastOrDefault() is TextSegment last && last.Channel == text.Channel)
                merged[^1] = last with { Text = last.Text + text.Text };
            else
                merged.Add(segment);
        }
        return merged;
    }

    private static string TextOf(IEnumerable<Segment> segments, TextChannel channel) =>
        string.Concat(segments.OfType<TextSegment>().Where(t => t.Channel == channel).Select(t => t.Text));
}
