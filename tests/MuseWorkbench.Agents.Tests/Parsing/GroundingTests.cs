using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Agents.Parsing;
using MuseWorkbench.Agents.Parsing.Grounding;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tests.Parsing;

public class GroundingTests
{
    /// <summary>The size of the one image as its model saw it; only Qwen2.5-VL's numbers are its pixels.</summary>
    private static readonly ImmutableArray<(int, int)> s_inputs = [(1000, 500)];

    /// <summary>Family, raw text, the text shown, places as "label@left,top,right,bottom" in thousandths.</summary>
    public static TheoryData<string, string, string, string[]> Families => new()
    {
        { "muse-mini", "<loc0000><loc0032><loc0480><loc0992> egg", "egg", ["egg@46,15,984,484"] },
        { "paligemma", "<loc0000><loc0512><loc1024><loc1024> red car ; <loc0256><loc0256><loc0512><loc0768> dog", "red car ; dog", ["red car@500,0,1000,1000", "dog@250,250,750,500"] },
        { "paligemma", "<loc0000><loc0000><loc0512><loc0512><seg001><seg127> cat ;", "cat ;", ["cat@0,0,500,500"] },
        { "muse-glimmer", """[{"x_min":0,"y_min":390,"x_max":520,"y_max":603}]""", """[{"x_min":0,"y_min":390,"x_max":520,"y_max":603}]""", ["@0,390,520,603"] },
        { "qwen3-vl", "Two:\n```json\n[{\"bbox_2d\": [100, 200, 300, 400], \"label\": \"a cup\"},\n {\"label\":\"tea\", \"bbox_2d\":[5,6,7,8]}]\n```", "", ["a cup@100,200,300,400", "tea@5,6,7,8"] },
        { "qwen3-vl", """{"point_2d": [250, 750], "label": "handle"}""", "", ["handle@250,750,250,750"] },
        { "qwen2.5-vl", """[{"bbox_2d": [100, 50, 500, 250], "label": "cat"}]""", "", ["cat@100,100,500,500"] },
        { "glm-v", """[{"bbox_2d":[1,2,3,4],"label":"x"}]""", "", ["x@1,2,3,4"] },
        { "gemma-4", """[{"box_2d":[171,75,245,308],"label":"button"}]""", "", ["button@75,171,308,245"] },
        { "gemma-4", """[{"point":[171,75],"label":"button"}]""", "", ["button@75,171,75,171"] },
        { "molmo", "See <point x=\"9.1\" y=\"11.7\" alt=\"egg\">the egg</point>.", "See the egg.", ["the egg@91,117,91,117"] },
        { "molmo", "<points x1=\"10\" y1=\"20\" x2=\"30.5\" y2=\"40\" x3=\"101\" y3=\"4\" alt=\"eggs\">eggs</points>", "eggs", ["eggs@100,200,100,200", "eggs@305,400,305,400"] },
        { "molmo", "<point x=\"1\" y=\"2\" alt=\"a > b\"></point>!", "!", ["a > b@10,20,10,20"] },
        { "molmo2", "<points coords=\"1 1 308 305 2 752 377\">boats</points>", "boats", ["boats@308,305,308,305", "boats@752,377,752,377"] },
        { "molmo2", "<points coords=\"1 1 10 20;2 1 30 40\">b</points>", "b", ["b@10,20,10,20", "b@30,40,30,40#1"] },
        { "internvl", "A <ref>red car</ref><box>[[100, 200, 300, 400],[5,6,7,8]]</box> here", "A red car here", ["red car@100,200,300,400", "red car@5,6,7,8"] },
        { "internvl", "the bus <box>[[1,2,3,4]]</box>", "the bus ", ["bus@1,2,3,4"] },
        { "internvl", "[[100,200,300,400], [1,2,3,4]]", "", ["@100,200,300,400", "@1,2,3,4"] },
        { "deepseek-vl2", "<|ref|>giraffe<|/ref|><|det|>[[0, 0, 999, 999]]<|/det|>", "giraffe", ["giraffe@0,0,1000,1000"] },
        { "kosmos-2", "<grounding><phrase> a fire</phrase><object><patch_index_0005><patch_index_0911></object> burns", "a fire burns", ["a fire@171,15,484,890"] },
        { "kosmos-2", "<phrase>dot</phrase><object><patch_index_0033><patch_index_0033></object>", "dot", ["dot@31,31,62,62"] },
        { "florence-2", "green car<loc_0><loc_500><loc_1000><loc_999>door<loc_1><loc_2><loc_3><loc_4><loc_5><loc_6><loc_7><loc_8>", "green car\ndoor", ["green car@0,500,1000,999", "door@1,2,3,4", "door@5,6,7,8"] },
        { "florence-2", "cup<poly><loc_0><loc_0><loc_100><loc_0><loc_100><loc_50></poly>", "cup", ["cup@0,0,100,50/6"] },
        { "florence-2-ocr", "STOP<loc_10><loc_20><loc_90><loc_30><loc_88><loc_60><loc_8><loc_50>ALL WAY<loc_1><loc_2><loc_9><loc_2><loc_9><loc_5><loc_1><loc_5>", "STOP\nALL WAY", ["STOP@8,20,90,60/8", "ALL WAY@1,2,9,5/8"] },
        { "moondream", """{"objects":[{"x_min":0.1,"y_min":0.2,"x_max":0.3,"y_max":0.4}]}""", "", ["@100,200,300,400"] },
        { "moondream", """{"points":[{"x":0.5,"y":0.25}]}""", "", ["@500,250,500,250"] },
        // Keys a schema may ask of any family, in its own order and scale.
        { "gemma-4", """{"kind":"steps","items":[{"label":"lid","box":[0,10,500,20],"text":"Open."}]}""", "", ["lid@10,0,20,500"] },
        { "muse-mini", """{"items":[{"label":"egg","box":[0,0,512,512]}]}""", "", ["egg@15,15,515,515"] },
        { "qwen3-vl", """{"label":"roof","polygon":[[0,0],[100,0],[50,80]],"box":[0,0,100,80]}""", "", ["roof@0,0,100,80/6"] },
        { "qwen3-vl", """{"label":"two","bbox_2d":[[1,2,3,4],[5,6,7,8]]}""", "", ["two@1,2,3,4", "two@5,6,7,8"] },
    };

    /// <summary>What Muse Mini writes, and which picture each place is in: -1 not said, -2 the close-up, -3 not certain.</summary>
    public static TheoryData<string, string[]> CloseUps => new()
    {
        { $"<think>I see egg{Box}; red apple{Box}.</think>2", ["egg -1", "red apple -1"] },
        { $"<think>I see in the close-up egg{Box}; red apple{Box}. items: 2.</think>2", ["egg -2", "red apple -2"] },
        { $"<think>I see in the close-up egg{Box}. And egg{Box}.</think>{Box} egg", ["egg -2", "egg -3", "egg -3"] },
        { $"<think>I see egg{Box}. I see in the close-up egg{Box}", ["egg -1", "egg -2"] },
        { $"<think>I see in the close-up egg{Box}</think>{Box} egg ; {Box} tea", ["egg -2", "egg -3", "tea -3"] },
        { $"<think>I see in in the close-upin the close-ups egg{Box}", ["close-upin the close-ups egg -1"] },
        { $"in the close-up {Box} egg", ["egg -1"] }, // an answer: it has no words for pictures
    };

    private const string Box = "<loc0000><loc0000><loc0480><loc0992>";

    /// <summary>Half a tag, huge numbers, none at all, reversed corners, nonsense in every place: never an error, never a wrong box.</summary>
    public static TheoryData<string, string, string[]> Hostile => new()
    {
        { "qwen3-vl", """[{"bbox_2d":[300,400,100,200],"label":"reversed"}]""", ["reversed@100,200,300,400"] },
        { "qwen3-vl", """[{"bbox_2d":[1e999,0,10,10],"label":"x"},{"bbox_2d":[NaN,0,10,10],"label":"y"},{"bbox_2d":[null,1,2,3]}]""", [] },
        { "qwen3-vl", """[{"bbox_2d":[-99999999999999999999,0,99999999999999999999999999,10],"label":"wide"}]""", ["wide@0,0,1000,10"] },
        { "qwen3-vl", """[{"bbox_2d":[5,5,5,9],"label":"flat"},{"bbox_2d":[1,2,3],"label":"short"},{"bbox_2d":"[1,2,3,4]"},{"bbox_2d":{"a":1}}]""", [] },
        { "qwen3-vl", """[{"bbox_2d":[1,2,3,4],"label":"kept"},{"bbox_2d":[5,6,""", ["kept@1,2,3,4"] },
        { "qwen3-vl", """I see [two] (a {b}) "quote { [ then [{"bbox_2d":[1,2,3,4],"label":"late"}]""", ["late@1,2,3,4"] },
        { "qwen3-vl", """{"label":"a \"b\" \\ <i>c</i>","bbox_2d":[1,2,3,4]}""", ["a \"b\" \\ <i>c</i>@1,2,3,4"] },
        { "qwen3-vl", """]]]}}}{"bbox_2d":[1,2,3,4]}{"point_2d":[2000,-1],"label":"off"}""", ["@1,2,3,4"] },
        { "qwen3-vl", """{"label":"unclosed, "bbox_2d":[1,2,3,4]}""", [] },
        { "gemma-4", """{"bbox_2d":[1,2,3,4],"label":"another family's key"}""", [] },
        { "molmo", "<point x=\"1\" y=\"NaN\">a</point><point y=\"2\">b</point><point x=\"Infinity\" y=\"1\">c</point><points>d</points>", [] },
        { "molmo", "<point x=\"1\" y=\"2\" <point x=\"3\" y=\"4\">in</point> <pointer> <po", ["in@30,40,30,40"] },
        { "molmo", "<point x=\"1\" y=\"2\">never closed", ["never closed@10,20,10,20"] },
        { "molmo2", "<points coords=\"x 1 2 3\">a</points><points coords=\"0 1 2 3\">b</points><points coords=\"1 1 2\">c</points><points coords=\"1 1 -5 20\">d</points>", [] },
        { "internvl", "<ref>a</ref><box>[[1,2,3]]</box><ref>b</ref><box>[[1,2,3,4,5]]</box><ref>c</ref><box>oops</box>", [] },
        { "internvl", "<ref>a</ref><box>[[1,2,3,4],[5,6", ["a@1,2,3,4"] },
        { "internvl", "<box>[[nan,0,1,1]]</box></box></ref><ref><ref>x", [] },
        { "deepseek-vl2", "<|ref|>a<|/ref|><|det|>[[1e400,0,1,1]]<|/det|><|det|", [] },
        { "kosmos-2", "<phrase>a</phrase><object><patch_index_9999><patch_index_0001><patch_index_0001></object><patch_index_", [] },
        { "florence-2", "a<loc_9999><loc_0><loc_0><loc_10>b<poly><loc_1><loc_2></poly>c<poly><loc_1><loc_2><loc_3>", ["a@0,0,1000,10"] },
        { "florence-2-ocr", "a<loc_1><loc_2><loc_9><loc_2>b<loc_1><loc_2><loc_9><loc_2><loc_9><loc_5><loc_1>", [] }, // half a quad is no box
        { "florence-2-ocr", "<loc_5><loc_2><loc_5><loc_2><loc_5><loc_9><loc_5><loc_9>b<loc_0><loc_0><loc_9999><loc_0><loc_9999><loc_9><loc_0><loc_9>", ["b@0,0,1000,9/8"] },
        { "moondream", """{"x_min":"0","y_min":0,"x_max":1,"y_max":1}{"x":0.5}{"x":2,"y":0.5}""", [] },
        { "paligemma", "<loc0001><loc99999><seg><loc", [] },
    };

    [Theory]
    [MemberData(nameof(Families))]
    public void Feed_FamilysFormat_TextAndPlaces(string family, string raw, string text, string[] places)
    {
        var segments = Parse(family, raw);

        Assert.Equal(places, segments.OfType<RegionSegment>().Select(Describe));
        // Where no other text is given, the format is part of the text.
        Assert.Equal(text.Length == 0 ? raw : text, TextOf(segments));
        foreach (var region in segments.OfType<RegionSegment>().Where(region => region.TextLength > 0))
            Assert.Equal(region.Label, TextOf(segments).Substring(region.TextStart, region.TextLength));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Feed_SplitAnywhere_SameAsWhole(string family, string raw, string text, string[] places)
    {
        Assert.NotNull(text);
        Assert.NotEmpty(places);
        AssertSplits(family, raw);
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Feed_Malformed_OnlyWholePlaces(string family, string raw, string[] places)
    {
        Assert.Equal(places, Parse(family, raw).OfType<RegionSegment>().Select(Describe));
        AssertSplits(family, raw);
    }

    [Fact]
    public void Feed_WhileStreaming_EachBoxAsSoonAsItCloses()
    {
        var parser = New("qwen3-vl");

        Assert.DoesNotContain(parser.Feed("[{\"bbox_2d\":[1,2,3,4],\"label\":\"a\\\""), s => s is RegionSegment);
        Assert.Single(parser.Feed("\",\"x\":1},{\"bbox_2d\":").OfType<RegionSegment>());
        parser = New("florence-2-ocr");
        Assert.DoesNotContain(parser.Feed("EXIT<loc_1><loc_2><loc_9><loc_2><loc_9><loc_5><loc_1><loc_"), s => s is RegionSegment);
        Assert.Single(parser.Feed("5>").OfType<RegionSegment>());
        parser = New("internvl");
        Assert.Single(parser.Feed("<ref>car</ref><box>[[1,2,3,4],[5,").OfType<RegionSegment>());
    }

    [Theory]
    [InlineData("qwen3-vl", """{"bbox_2d":[1,2,3,4],"label":"egg"},""")]
    [InlineData("internvl", "<ref>egg</ref><box>[[1,2,3,4]]</box>")]
    [InlineData("molmo", "<point x=\"1\" y=\"2\">egg</point>")]
    [InlineData("paligemma", "<loc0001><loc0002><loc0003><loc0004> egg ; ")]
    [InlineData("florence-2", "egg<loc_1><loc_2><loc_3><loc_4>")]
    [InlineData("florence-2-ocr", "egg<loc_1><loc_2><loc_3><loc_2><loc_3><loc_4><loc_1><loc_4>")]
    public void Feed_TenThousandBoxes_Bounded(string family, string one)
    {
        var segments = Parse(family, "[" + string.Concat(Enumerable.Repeat(one, 10_000)));

        Assert.Equal(ChannelText.MaxRegions, segments.OfType<RegionSegment>().Count());
    }

    [Theory]
    [InlineData("qwen3-vl", "[")]
    [InlineData("qwen3-vl", "{\"a\":")]
    [InlineData("qwen3-vl", "\"")]
    [InlineData("qwen3-vl", "1,")]
    [InlineData("molmo", "<point ")]
    [InlineData("molmo2", "<points coords=\"1 ")]
    [InlineData("internvl", "<box>[")]
    [InlineData("florence-2", "<poly><loc_1>")]
    public void Feed_EndlessNonsense_TextStaysAndEnds(string family, string piece)
    {
        var parser = New(family);
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < 20_000; i++)
            parser.Feed(piece);
        parser.EndTurn();

        // Linear work takes milliseconds; what grows with its square, minutes.
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), clock.Elapsed.ToString());
    }

    [Theory]
    [MemberData(nameof(CloseUps))]
    public void Feed_CloseUp_PlacesAreInThePictureTheThoughtSpeaksOf(string raw, string[] places)
    {
        for (var at = 1; at <= raw.Length; at++)
        {
            var parser = new StreamParser(ModelMarkups.MuseMini);
            List<Segment> segments = [.. raw.Chunk(at).SelectMany(piece => parser.Feed(new string(piece)))];
            segments.AddRange(parser.EndTurn());
            Assert.Equal(places, segments.OfType<RegionSegment>().Select(region => $"{region.Label} {region.Picture.Index}"));
        }
    }

    [Fact]
    public void Feed_CloseUpWhileStreaming_KnownWithThePlaceAndForgottenWithTheTurn()
    {
        var parser = new StreamParser(ModelMarkups.MuseMini);

        var first = Assert.Single(parser.Feed($"<think>I see in the close-up egg{Box}").OfType<RegionSegment>());
        parser.EndTurn();
        var next = Assert.Single(parser.Feed($"<think>I see egg{Box}").OfType<RegionSegment>());

        Assert.Equal((PlacePicture.CloseUp, PlacePicture.Unnamed), (first.Picture, next.Picture));
    }

    /// <summary>Corners stay in the order they are written in, each at the centre of its bin.</summary>
    [Fact]
    public void Feed_Quad_CornersInOrderAtTheirBinsCentres()
    {
        var quad = Assert.Single(Parse("florence-2-ocr", "EXIT<loc_10><loc_20><loc_90><loc_30><loc_88><loc_60><loc_8><loc_50>").OfType<RegionSegment>());

        double[] expected = [0.0105, 0.0205, 0.0905, 0.0305, 0.0885, 0.0605, 0.0085, 0.0505];
        Assert.Equal(expected, quad.Polygon!.Value.Select(share => Math.Round(share, 9)));
    }

    [Theory]
    [InlineData("microsoft/Florence-2-large", "<OCR_WITH_REGION>", "florence-2-ocr")]
    [InlineData("microsoft/Florence-2-large", "<CAPTION_TO_PHRASE_GROUNDING>two doors", "florence-2")]
    [InlineData("Qwen3-VL-8B", "<OCR_WITH_REGION>", "qwen3-vl")]
    public void For_Prompt_FlorenceReadsCornersWhereTheTaskIsText(string id, string prompt, string name) =>
        Assert.Equal(name, ModelMarkups.For(id).For(prompt).Grounding?.Name);

    [Fact]
    public void Feed_PixelsWithoutAnImage_NoPlace() =>
        Assert.DoesNotContain(new StreamParser(Markup("qwen2.5-vl")).Feed("""{"bbox_2d":[1,2,3,4]}"""), s => s is RegionSegment);

    [Theory]
    [InlineData("muse-mini", null, "muse-mini")]
    [InlineData("unsloth/Muse-Glimmer-30B-GGUF", null, "muse-glimmer")]
    [InlineData("Qwen/Qwen3-VL-8B-Instruct", null, "qwen3-vl")]
    [InlineData("model", "qwen3vlmoe", "qwen3-vl")]
    [InlineData("Qwen2.5-VL-7B-Instruct-Q4_K_M", "qwen2vl", "qwen2.5-vl")]
    [InlineData("model", "qwen2vl", null)] // Qwen2-VL and Qwen2.5-VL share it, and write differently
    [InlineData("zai-org/GLM-4.5V", null, "glm-v")]
    [InlineData("gemma-4-27b-it", null, "gemma-4")]
    [InlineData("gemma-3-4b-it", "gemma3", null)]
    [InlineData("google/paligemma2-3b-mix", null, "paligemma")]
    [InlineData("allenai/Molmo-7B-D-0924", null, "molmo")]
    [InlineData("allenai/Molmo2-8B", null, "molmo2")]
    [InlineData("OpenGVLab/InternVL3_5-8B", null, "internvl")]
    [InlineData("deepseek-ai/deepseek-vl2-small", null, "deepseek-vl2")]
    [InlineData("microsoft/kosmos-2-patch14-224", null, "kosmos-2")]
    [InlineData("microsoft/Florence-2-large", null, "florence-2")]
    [InlineData("vikhyatk/moondream2", null, "moondream")]
    [InlineData("gpt-5", "llama", null)]
    public void For_Model_ItsConvention(string id, string? architecture, string? name) =>
        Assert.Equal(name, ModelMarkups.For(id, architecture).Grounding?.Name);

    [Fact]
    public void For_Setting_GoesBeforeTheName()
    {
        var model = new ModelInfo { Id = "Qwen3-VL-8B", ContextLength = 1 };

        Assert.Equal("gemma-4", ModelMarkups.For(model with { Grounding = "Gemma-4" }).Grounding?.Name);
        Assert.Null(ModelMarkups.For(model with { Grounding = "none" }).Grounding);
        var error = Assert.Throws<ChatClientException>(() => ModelMarkups.For(model with { Grounding = "cubits" }));
        Assert.Contains("qwen2.5-vl", error.Message, StringComparison.Ordinal);
    }

    private static void AssertSplits(string family, string raw)
    {
        var whole = Merge(Parse(family, raw));
        for (var at = 1; at < raw.Length; at++)
            Assert.Equal(whole, Merge(Parse(family, raw[..at], raw[at..])));
        Assert.Equal(whole, Merge(Parse(family, [.. raw.Select(c => c.ToString())])));
    }

    private static ModelMarkup Markup(string family)
    {
        Assert.True(Groundings.TryGet(family, out var convention));
        return ModelMarkups.Plain with { Grounding = convention };
    }

    private static StreamParser New(string family) => new(Markup(family), s_inputs);

    private static List<Segment> Parse(string family, params string[] fragments)
    {
        var parser = New(family);
        List<Segment> segments = [];
        foreach (var fragment in fragments)
            segments.AddRange(parser.Feed(fragment));
        segments.AddRange(parser.EndTurn());
        return segments;
    }

    // How text is cut into segments depends on the fragments; what it says and where the rest stands must not.
    private static List<string> Merge(IEnumerable<Segment> segments) =>
        [TextOf(segments), .. segments.OfType<RegionSegment>().Select(region => $"{region.TextStart}+{region.TextLength} {Describe(region)}")];

    private static string TextOf(IEnumerable<Segment> segments) => string.Concat(segments.OfType<TextSegment>().Select(t => t.Text));

    private static string Describe(RegionSegment region)
    {
        var box = region.Box;
        string[] edges = [.. new[] { box.X0, box.Y0, box.X1, box.Y1 }.Select(edge => Math.Floor((1000 * edge) + 1e-9).ToString(CultureInfo.InvariantCulture))];
        return $"{region.Label}@{string.Join(',', edges)}{(region.Polygon is { } polygon ? $"/{polygon.Length}" : "")}{(region.Picture.Index > 0 ? $"#{region.Picture.Index}" : "")}";
    }
}
