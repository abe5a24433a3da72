using System.Text;
using MuseWorkbench.Curation.Exchange;
using MuseWorkbench.Curation.Tests.Kit;

namespace MuseWorkbench.Curation.Tests.Exchange;

/// <summary>Files that are not what they say: each is refused in words, and nothing of it is kept anywhere.</summary>
public class MalformedFileTests
{
    private static readonly byte[] s_png = Pngs.Grey(4, 4, 7);

    private static readonly string[] s_json =
    [
        "", " \n\n ", "{", "}", "{]", "null", "5", "true", "{\"a\":1,\"a\":2}", "{'a':1}", "{} {}", "<html><body>Not found</body></html>", "\u0000\u0001\u0002", "{\"a\":NaN}",
        "{\"a\":\"\n\"}", "// comment\n{}", "\u00ff\u00fe", new string('[', 500), "{\"a\":" + string.Concat(Enumerable.Repeat("{\"a\":", 200)), "{\"messages\":",
    ];

    private static readonly Dictionary<string, (string File, string? Good, string[] Bad)> s_files = new()
    {
        ["hf-imagefolder"] = ("metadata.jsonl", """{"file_name":"a.png","question":"?"}""",
        [
            .. s_json, "[]", "{}", """{"file_name":5.5}""", """{"file_name":{}}""", """{"file_name":"../a.png"}""", """{"file_name":"/a.png"}""", """{"file_name":"https://x/a.png"}""", """{"file_name":"b\\a.png"}""",
            """{"file_name":"a.png","question":["a"]}""", """{"file_name":"a.png","question":"\ud800"}""", """{"file_name":"a.png","objects":5}""", """{"file_name":"a.png","objects":{"bbox":5}}""",
            """{"file_name":"a.png","objects":{"bbox":[[1,2,3]]}}""", """{"file_name":"a.png","objects":{"bbox":[[1,2,"3",4]]}}""", """{"file_name":"a.png","objects":{"bbox":[[1,1,-1,1]]}}""", """{"file_name":"a.png","objects":{"bbox":[[1,1,1e999,1]]}}""",
            """{"file_name":"a.png","objects":{"bbox":[[1,1,1,1]],"categories":["x","y"]}}""", """{"file_name":"a.png","objects":{"bbox":[[1,1,1,1]],"image":[1]}}""", """{"file_name":"a.png","tags":{"a":1}}""",
            """{"file_name":"a.png","assertions":"x"}""", """{"file_name":"gone.png"}""",
        ]),
        ["promptfoo-jsonl"] = ("tests.jsonl", """{"vars":{"question":"?","image":"file://a.png"}}""",
        [
            .. s_json, "[]", "{}", "\"text\"", """{"vars":5}""", """{"vars":["question"]}""", """{"vars":{"question":{}}}""", """{"vars":{"question":["a","b"]}}""", """{"vars":{"question":"\udc00"}}""", """{"vars":{"a":"1","b":"2"}}""",
            """{"vars":{"question":"?"},"assert":{}}""", """{"vars":{"question":"?"},"assert":["x"]}""", """{"vars":{"question":"?"},"assert":[{"value":"x"}]}""", """{"vars":{"question":"?"},"threshold":"a","assert":[{"type":"equals"}]}""",
            """{"vars":{"question":"?"},"metadata":[]}""", """{"vars":{"question":"?"},"metadata":{"id":[]}}""", """{"vars":{"question":"?"},"metadata":{"regions":5}}""", """{"vars":{"question":"?"},"metadata":{"regions":[{"x0":"a"}]}}""",
            """{"vars":{"question":"?"},"metadata":{"regions":[null]}}""", """{"vars":{"question":"?","image":"file://../a.png"}}""", """{"vars":{"question":"?","image":"data:image/png;base64,$$$"}}""", """{"vars":{"question":"?","image":"data:image/png,abc"}}""",
            """{"vars":{"question":"file://a.txt"}}""",
        ]),
        ["promptfoo-yaml"] = ("promptfooconfig.yaml", null,
        [
            "", "null", "5", "text", "tests:", "tests: 5", "tests: file://t.yaml", "tests: {a: b}", "prompts: [a]", "tests: []", "tests: [", "tests: [{vars: {question: '?'}", "a: b\na: c", "tests: [*all]", "tests: &all [{vars: {question: '?'}}]",
            "tests: !!python/object:os.system [x]", "tests: [{vars: {question: '?'}}]\n---\na: b", "tests:\n\t- vars: x", "tests: [5]", "tests: [{vars: 5}]", "tests: [{vars: {question: [a, b]}}]", "tests: [{vars: {question: '?', image: 'file://../a.png'}}]",
            "tests: [{vars: {question: '?'}, assert: 5}]", "tests: [{vars: {question: '?'}, assert: [5]}]", "tests: [{vars: {question: '?'}, metadata: {regions: x}}]", "\u0000", "%YAML 9.9\n---\n%", "tests: \"unclosed", string.Concat(Enumerable.Repeat("[", 5000)), "{a: {b: {c",
        ]),
        ["promptfoo-csv"] = ("tests.csv", null,
        [
            "", "\n\n", "question", "question\n", ",\n?,?", "question,\n?,x", "question,question\n?,?", "question\n?,extra", "question,image\n?", "question\n\"?", "question\n\"?\"x", "question\nwhat \"is\" it", "\"question\n?", "a,b\n1,2", "__expected\ndog",
            "question,__threshold\n?,many", "question,__metadata:regions\n?,{", "question,__metadata:regions\n?,5", "question,__metadata:regions\n?,[null]", "question,image\n?,file://../a.png", "question,image\n?,file://gone.png", "question,image\n?,\"data:image/png;base64,$\"",
            "question,note\nfile://a.txt,x",
        ]),
        ["inspect-jsonl"] = ("dataset.jsonl", """{"input":[{"role":"user","content":[{"type":"image","image":"a.png"},{"type":"text","text":"?"}]}]}""",
        [
            .. s_json, "[]", "{}", """{"input":{}}""", """{"input":null}""", """{"input":[]}""", """{"input":[5]}""", """{"input":[{}]}""", """{"input":[{"role":"king","content":"?"}]}""", """{"input":[{"role":"user"}]}""", """{"input":[{"role":"user","content":{}}]}""",
            """{"input":[{"role":"user","content":["?"]}]}""", """{"input":[{"role":"user","content":[{"type":"smell"}]}]}""", """{"input":[{"role":"user","content":[{"type":"image"}]}]}""", """{"input":[{"role":"user","content":[{"type":"image","image":"/etc/a.png"}]}]}""",
            """{"input":"?","choices":{}}""", """{"input":"?","choices":[{}]}""", """{"input":"?","target":{}}""", """{"input":"?","metadata":[]}""", """{"input":"?","metadata":{"assertions":5}}""", """{"input":"\ud83d"}""", """{"input":"?","id":{}}""",
        ]),
        ["inspect-eval"] = ("log.json", null,
        [
            .. s_json, "[]", "{}", """{"eval":{}}""", """{"eval":{},"samples":5}""", """{"eval":{},"samples":[]}""", """{"eval":{},"samples":[5]}""", """{"eval":{},"samples":[{}]}""", """{"eval":{},"samples":[{"id":{},"input":"?"}]}""",
            """{"eval":{},"samples":[{"input":{}}]}""", """{"eval":{},"samples":[{"input":[{"role":"user","content":[{"type":"image","image":"attachment://none"}]}],"attachments":{}}]}""", """{"eval":{},"samples":[{"input":"?","attachments":[]}]}""",
            """{"eval":{},"samples":[{"input":[{"role":"user","content":[{"type":"image","image":"attachment://a"}]}],"attachments":{"a":"data:image/png;base64,*"}}]}""", """{"eval":{},"samples":[{"input":"?","target":{}}]}""", """{"eval":{},"samples":[{"input":"\ud800"}]}""",
        ]),
        ["openai-chat"] = ("chat.jsonl", """{"messages":[{"role":"user","content":[{"type":"text","text":"?"}]}]}""",
        [
            .. s_json, "[]", "{}", """{"messages":5}""", """{"messages":{}}""", """{"messages":[]}""", """{"messages":["?"]}""", """{"messages":[{"content":"?"}]}""", """{"messages":[{"role":"user"}]}""", """{"messages":[{"role":"user","content":{}}]}""",
            """{"messages":[{"role":"assistant","content":"?"}]}""", """{"messages":[{"role":"system","content":"?"}]}""", """{"messages":[{"role":"user","content":"a"},{"role":"user","content":"b"}]}""", """{"messages":[{"role":"user","content":[5]}]}""",
            """{"messages":[{"role":"user","content":[{"type":"image_url"}]}]}""", """{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{}}]}]}""", """{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,*"}}]}]}""",
            """{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}]}""", """{"messages":[{"role":"user","content":[{"type":"input_audio"}]}]}""", """{"messages":[{"role":"user","content":"?"}],"ideal":{}}""",
            """{"messages":[{"role":"user","content":"\udfff"}]}""",
        ]),
        ["coco"] = ("annotations.json", null,
        [
            .. s_json, "[]", "{}", """{"images":5}""", """{"images":[]}""", """{"images":[5]}""", """{"images":[{}]}""", """{"images":[{"id":"a","file_name":"a.png"}]}""", """{"images":[{"id":1}]}""", """{"images":[{"id":1,"file_name":"../a.png"}]}""",
            """{"images":[{"id":1,"file_name":"gone.png"}]}""", """{"images":[{"id":1,"file_name":"a.png","width":5}]}""", """{"images":[{"id":1,"file_name":"a.png"},{"id":1,"file_name":"a.png"}]}""", """{"images":[{"id":1,"file_name":"a.png"}],"annotations":[5]}""",
            """{"images":[{"id":1,"file_name":"a.png"}],"annotations":[{"bbox":[1,1,1,1]}]}""", """{"images":[{"id":1,"file_name":"a.png"}],"annotations":[{"image_id":2,"bbox":[1,1,1,1]}]}""", """{"images":[{"id":1,"file_name":"a.png"}],"annotations":[{"image_id":1}]}""",
            """{"images":[{"id":1,"file_name":"a.png"}],"annotations":[{"image_id":1,"bbox":[1,1,1]}]}""", """{"images":[{"id":1,"file_name":"a.png"}],"annotations":[{"image_id":1,"category_id":7,"bbox":[1,1,1,1]}]}""", """{"images":[{"id":1,"file_name":"a.png"}],"annotations":[{"image_id":1,"bbox":[99,1,1,1]}]}""",
            """{"images":[{"id":1,"file_name":"a.png"}],"categories":[{"id":1},{"id":1}]}""", """{"images":[{"id":1,"file_name":"a.png"}],"annotations":[{"image_id":1,"bbox":[1,1,1,1],"segmentation":["x"]}]}""",
        ]),
        ["llm-comparator"] = ("comparison.json", null,
        [
            .. s_json, "[]", "{}", """{"models":[],"examples":[]}""", """{"models":[{"name":"a"},{"name":"b"}]}""", """{"examples":[{"input_text":"?"}]}""", """{"models":[{"name":"a"},{"name":"b"}],"examples":[]}""", """{"models":[{"name":"a"},{"name":"b"}],"examples":{}}""",
            """{"models":[{"name":"a"},{"name":"b"}],"examples":[5]}""", """{"models":[{"name":"a"},{"name":"b"}],"examples":[{}]}""", """{"models":[{"name":"a"}],"examples":[{"input_text":"?"}]}""", """{"models":["a","b"],"examples":[{"input_text":"?"}]}""",
            """{"models":[{"name":"a"},{"name":"b"}],"examples":[{"input_text":["?"]}]}""", """{"models":[{"name":"a"},{"name":"b"}],"examples":[{"input_text":"?","tags":{}}]}""", """{"models":[{"name":"a"},{"name":"b"}],"examples":[{"input_text":"?","custom_fields":5}]}""",
            """{"metadata":5,"models":[{"name":"a"},{"name":"b"}],"examples":[{"input_text":"?"}]}""", """{"metadata":{"custom_fields_schema":[5]},"models":[{"name":"a"},{"name":"b"}],"examples":[{"input_text":"?"}]}""",
            """{"metadata":{"custom_fields_schema":[{"name":"i","type":"image_byte"}]},"models":[{"name":"a"},{"name":"b"}],"examples":[{"input_text":"?","custom_fields":{"i":"*"}}]}""",
            """{"metadata":{"custom_fields_schema":[{"name":"i","type":"image_path"}]},"models":[{"name":"a"},{"name":"b"}],"examples":[{"input_text":"?","custom_fields":{"i":"../a.png"}}]}""",
            """{"models":[{"name":"a"},{"name":"b"}],"examples":[{"input_text":""}]}""", """{"models":[{"name":"a"},{"name":"b"}],"examples":[{"input_text":"\ud800"}]}""",
        ]),
        ["muse-bundle"] = ("cases.jsonl", """{"id":"a","prompt":"?"}""",
        [
            .. s_json, "[]", "{}", """{"id":"a"}""", """{"prompt":"?"}""", """{"id":null,"prompt":"?"}""", """{"id":"a","prompt":5}""", """{"id":"a","prompt":"?","colour":"red"}""", """{"id":"a","prompt":"?","images":5}""", """{"id":"a","prompt":"?","images":[null]}""",
            """{"id":"a","prompt":"?","images":[{"sha256":"ab","mediaType":"image/png","width":1,"height":1,"name":"a"}]}""", """{"id":"a","prompt":"?","images":null}""", """{"id":"a","prompt":"?","regions":[null]}""", """{"id":"a","prompt":"?","regions":[{"label":"x","x0":"a","y0":0,"x1":1,"y1":1}]}""",
            """{"id":"a","prompt":"?","regions":[{"label":"x","x0":0,"y0":0,"x1":1,"y1":1}]}""", """{"id":"a","prompt":"?","assertions":["x"]}""", """{"id":"a","prompt":"?","tags":[5]}""", """{"id":"a","prompt":"\ud800"}""", """{"id":"a","prompt":"?","provenance":5}""",
            """{"id":"a","prompt":"?","provenance":{"runId":"x"}}""", """{"id":"a","prompt":"?","table":"a,\"b"}""",
        ]),
    };

    public static TheoryData<string, int> Files() =>
        [.. s_files.SelectMany(file => Enumerable.Range(0, file.Value.Bad.Length).Select(i => (file.Key, i)))];

    public static TheoryData<string> Formats() => [.. CaseFormats.All.Select(format => format.Id)];

    public static TheoryData<string> LineFormats() => [.. s_files.Where(file => file.Value.Good is not null).Select(file => file.Key)];

    [Theory, MemberData(nameof(Files))]
    public async Task Import_MalformedFile_IsRefusedAndLeavesNothing(string format, int index)
    {
        var bench = new Bench();
        var (file, _, bad) = s_files[format];

        var report = await bench.ImportZipAsync(Archive(file, bad[index]), CaseFormats.Find(format));

        Assert.False(report.IsKept, bad[index]);
        Assert.All(report.Faults, fault => Assert.EndsWith(".", fault.Reason, StringComparison.Ordinal));
        Assert.NotEmpty(report.Faults);
        Assert.Empty(bench.Cases);
        Assert.Empty(bench.Images);
    }

    [Theory, MemberData(nameof(LineFormats))]
    public async Task Import_GoodLineThenTornOne_KeepsNothing(string format)
    {
        var (file, good, _) = s_files[format];
        var alone = await new Bench().ImportZipAsync(Archive(file, good!), CaseFormats.Find(format));
        Assert.True(alone.IsKept, string.Join('\n', alone.Faults));

        foreach (var torn in s_json.Where(line => line.Trim().Length > 0 && line != "\u00ff\u00fe"))
        {
            var bench = new Bench();
            var report = await bench.ImportZipAsync(Archive(file, $"{good}\n{torn}"), CaseFormats.Find(format));

            Assert.False(report.IsKept, torn);
            Assert.Contains(report.Faults, fault => fault.Place.EndsWith("line 2", StringComparison.Ordinal));
            Assert.Empty(bench.Images);
        }
    }

    [Theory, MemberData(nameof(Formats))]
    public async Task Import_NotUtf8_IsRefused(string format)
    {
        var bench = new Bench();
        var zip = Head(format).Add(s_files[format].File, [.. Encoding.UTF8.GetBytes("{\"a\":\""), 0xC3, 0x28, 0xFF]).Add("a.png", s_png);

        var report = await bench.ImportZipAsync(zip.ToBytes(), CaseFormats.Find(format));

        Assert.Contains("is not text in UTF-8", Assert.Single(report.Faults).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_EveryFormat_HasTwentyAtLeast()
    {
        Assert.Equal(CaseFormats.All.Select(format => format.Id).Order(), s_files.Keys.Order());
        Assert.All(s_files.Values, file => Assert.InRange(file.Bad.Distinct().Count(), 20, 100));
    }

    private static byte[] Archive(string file, string text) => Head(file == "cases.jsonl" ? "muse-bundle" : "").Add(file, text).Add("a.png", s_png).ToBytes();

    private static RawZip Head(string format) => format == "muse-bundle" ? new RawZip().Add("bundle.json", """{"format":"muse-bundle","version":1}""") : new RawZip();
}
