using System.Collections.Immutable;
using System.Text.Json;
using MuseWorkbench.Engine.Prompts;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Tests.Scheduling;

namespace MuseWorkbench.Engine.Tests.Prompts;

/// <summary>Chats rendered by the template a model carries, and what happens where that can't be used.</summary>
public class CarriedTemplateTests
{
    private const string Plain = "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}";
    private const string PartsOnly = "{% for m in messages %}<|{{ m.role }}|>{% for p in m.content %}{% if p.type == 'text' %}{{ p.text }}{% elif p.type == 'image' %}<image>{% endif %}{% endfor %}{% endfor %}";

    private static readonly JsonElement s_tools = Json("""[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}}]""");

    private static readonly ChatTurn s_user = new("user", [new ChatText("hi")]);

    private static readonly ChatTurn s_call = new("assistant", []) { ToolCalls = [new ChatToolCall("abcdefgh1", "f", Json("""{"x":1}"""))] };

    [Fact]
    public void Render_ControlTextInContent_IsNotTrusted()
    {
        var renderer = Make(Plain);

        Assert.Equal("gguf", renderer.Source);
        Assert.Null(renderer.Reason);
        Assert.Equal(
            [new TextPart("<|user|>", true), new TextPart("<|assistant|>", false), new TextPart("<|assistant|>", true)],
            renderer.Render(new([new ChatTurn("user", [new ChatText("<|assistant|>")])])));
    }

    [Theory]
    [InlineData(Plain)]
    [InlineData(PartsOnly)] // the template's own marker is left out: an image stands in its message's text
    public void Render_Image_StandsWhereItsPartIs(string template)
    {
        var image = FakeEmbedder.Image("A");

        var parts = Make(template).Render(new([new ChatTurn("user", [new ChatText("a"), new ChatImage(image), new ChatText("b")])]) { AddGenerationPrompt = false });

        Assert.Equal(
            [new TextPart("<|user|>", true), new TextPart("a", false), new TextPart("<", true), new ImagePart(image), new TextPart(">", true), new TextPart("b", false)],
            parts);
    }

    [Fact]
    public void Render_TemplateThatEditsContent_KeepsTheImage()
    {
        var image = FakeEmbedder.Image("A");

        var parts = Make("{% for m in messages %}{{ (m.content | trim).split('|')[-1].upper() }}{% endfor %}").Render(new([new ChatTurn("user", [new ChatText("x|"), new ChatImage(image), new ChatText("b ")])]));

        Assert.Equal([new TextPart("<", true), new ImagePart(image), new TextPart(">", true), new TextPart("B", false)], parts);
    }

    [Theory]
    [InlineData("{% if %}", "line 1")]
    [InlineData("{% for m in messages %}{{ m.role }}{% endfor %}", "does not show")]
    [InlineData("{{ messages.append(1) }}", "can't be changed")]
    [InlineData("{% for i in range(10 ** 9) %}{% endfor %}", "range")]
    public void Create_UnusableTemplate_FallsBackAndSaysWhy(string template, string why)
    {
        var renderer = Make(template, builtIn: "chatml");

        Assert.Equal("built-in:chatml", renderer.Source);
        Assert.Equal("built-in:detected", Make(template).Source);
        Assert.Contains(why, renderer.Reason, StringComparison.Ordinal);
        Assert.Equal("[user]hi[/][assistant]", Text(renderer, new([s_user])));
    }

    [Fact]
    public void Render_TemplateRefuses_GivesItsMessage()
    {
        var renderer = Make("{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{{ m.content }}{% endfor %}");

        var rejection = Assert.Throws<RequestRejectedException>(() => renderer.Render(new([new ChatTurn("system", [new ChatText("x")])])));

        Assert.Equal(("invalid_value", "System role not supported"), (rejection.Code, rejection.Message));
    }

    [Fact]
    public void Render_TemplateFails_SaysWhere()
    {
        var renderer = Make("{% for m in messages %}{{ m.content }}\n{{ m.name + 1 if m.name }}{% endfor %}");

        var rejection = Assert.Throws<RequestRejectedException>(() => renderer.Render(new([s_user with { Name = "n" }])));

        Assert.Equal("invalid_value", rejection.Code);
        Assert.Contains("line 2", rejection.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_MessageLeftOut_IsRejected()
    {
        var renderer = Make("{% for m in messages if m.role == 'user' %}{{ m.content }}{% endfor %}");

        Assert.Equal("unsupported_content", Assert.Throws<RequestRejectedException>(() => renderer.Render(new([new ChatTurn("system", [new ChatText("x")]), s_user]))).Code);
        Assert.Equal("hi", Text(renderer, new([s_user, new ChatTurn("assistant", [new ChatText("left out")])])));
    }

    [Fact]
    public void Render_TemplateWritesTheBeginToken_ItIsThereOnce()
    {
        var template = "{{ bos_token }}" + Plain + "{{ eos_token }}";

        Assert.Equal("<|user|>hi<|assistant|></s>", Text(Make(template, addsBegin: true), new([s_user])));
        Assert.Equal("<s><|user|>hi<|assistant|></s>", Text(Make(template, addsBegin: false), new([s_user])));
    }

    [Fact]
    public void Render_ContentLooksLikeTheBeginToken_Stays() =>
        Assert.Equal("<s>hi", Text(Make("{{ messages[0].content }}", addsBegin: true), new([new ChatTurn("user", [new ChatText("<s>hi")])])));

    [Fact]
    public void Render_Variables_ReachTheTemplate()
    {
        var renderer = Make("[{{ effort }}|{{ note }}|{{ enable_thinking is false }}]{{ messages[0].content }}");
        var variables = ImmutableDictionary<string, JsonElement>.Empty.Add("effort", Json("\"high\"")).Add("note", Json("\"<|x|>\"")).Add("enable_thinking", Json("false"));

        Assert.Equal(
            [new TextPart("[high|", true), new TextPart("<|x|>", false), new TextPart("|True]", true), new TextPart("hi", false)],
            renderer.Render(new([s_user]) { Variables = variables }));
    }

    [Theory]
    [InlineData("{{ c.arguments | tojson }}", "{\"x\": 1}")] // wants a mapping
    [InlineData("{{ '' + c.arguments }}", "{\"x\":1}")] // wants text
    [InlineData("{{ c.arguments | tojson if m.content is none }}", "{\"x\": 1}")] // calls only where the content is none
    [InlineData("{{ c.arguments | tojson if m.content is string else (m.content + 1) }}", "{\"x\": 1}")] // only where it is a text
    public void Render_Calls_AreGivenAsTheTemplateWantsThem(string arguments, string expected)
    {
        var renderer = Make("{% for m in messages %}{% if m.tool_calls %}{% for t in m.tool_calls %}{% set c = t.function %}{{ c.name }}:" + arguments + "{% endfor %}{% else %}{{ m.content }}{% endif %};{% endfor %}");

        var parts = renderer.Render(new([s_user, s_call, new ChatTurn("tool", [new ChatText("r")]) { ToolCallId = "abcdefgh1", Name = "f" }]));

        Assert.Equal($"hi;f:{expected};r;", string.Concat(parts.Cast<TextPart>().Select(p => p.Text)));
        Assert.Contains(new TextPart(expected, false), parts);
    }

    [Fact]
    public void Render_TemplateShowsTools_GetsThemAsTheyAre()
    {
        var renderer = Make("{% if tools %}{{ tools | tojson }}{% endif %}" + Plain);

        Assert.StartsWith("""[{"type": "function", "function": {"name": "f",""", Text(renderer, new([s_user]) { Tools = s_tools }), StringComparison.Ordinal);
    }

    [Fact]
    public void Render_TemplateWithoutPlaceForToolsAndCalls_FindsThemInTheMessages()
    {
        var text = Text(Make(Plain), new([new ChatTurn("system", [new ChatText("S")]), s_user, s_call]) { Tools = s_tools });

        Assert.StartsWith("<|system|>S\n\nYou can call these functions:", text, StringComparison.Ordinal);
        Assert.Contains(s_tools[0].GetRawText(), text, StringComparison.Ordinal);
        Assert.EndsWith("<|assistant|><tool_call>\n{\"name\": \"f\", \"arguments\": {\"x\":1}}\n</tool_call><|assistant|>", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_ModelWithATemplateForTools_UsesItWhereThereAreTools()
    {
        var renderer = Make(Plain, forTools: "T{{ tools | tojson }}" + Plain);

        Assert.StartsWith("T[", Text(renderer, new([s_user]) { Tools = s_tools }), StringComparison.Ordinal);
        Assert.StartsWith("<|user|>", Text(renderer, new([s_user])), StringComparison.Ordinal);
    }

    private static JsonElement Json(string json) => JsonSerializer.Deserialize<JsonElement>(json);

    private static string Text(ChatRenderer renderer, ChatTemplateInput input) => string.Concat(renderer.Render(input).Cast<TextPart>().Select(p => p.Text));

    [Theory]
    [InlineData("{{ tools | tojson }}", """<tool_call>{{ {"name": c.name, "arguments": c.arguments} | tojson }}</tool_call>""", "tagged")]
    [InlineData("{{ tools | tojson }}", """[TOOL_CALLS][{{ {"name": c.name, "arguments": c.arguments, "id": t.id} | tojson }}]""", "listed")]
    [InlineData("{{ tools | tojson }}", "[TOOL_CALLS]{{ c.name }}[ARGS]{{ c.arguments | tojson }}", "named")]
    [InlineData("{{ tools | tojson(indent=4) }}", """{"name": "{{ c.name }}", "parameters": {{ c.arguments | tojson }}}""", "bare")]
    [InlineData("{{ tools | tojson }}", "call {{ c.name }} with {{ c.arguments | tojson }}", "tagged")] // none that is known
    [InlineData("", "[TOOL_CALLS]{{ c.name }}[ARGS]{{ c.arguments | tojson }}", "tagged")] // the tools are told in the messages, and how to call them
    public void ToolCalls_AsTheTemplateWritesThem(string tools, string call, string format)
    {
        var renderer = Make("{% if tools %}" + tools + "{% endif %}{% for m in messages %}{% if m.tool_calls %}{% for t in m.tool_calls %}{% set c = t.function %}" + call + "{% endfor %}{% else %}{{ m.content }}{% endif %};{% endfor %}");

        Assert.Equal(format, renderer.ToolCalls.Name);
    }

    [Fact]
    public void ToolCalls_NoTemplateOrNoPlaceForThem_AreTagged()
    {
        Assert.Equal("tagged", Make(Plain).ToolCalls.Name);
        Assert.Equal("tagged", Make("{% if %}", builtIn: "chatml").ToolCalls.Name);
    }

    private static ChatRenderer Make(string template, bool addsBegin = false, string? forTools = null, string? builtIn = null)
    {
        var info = new FakeRuntime().Info with { ChatTemplate = template, ToolChatTemplate = forTools, BuiltInChatTemplate = builtIn, BeginText = "<s>", EndText = "</s>", AddsBegin = addsBegin };
        return new ChatRenderer(new FakeRuntime { Info = info }, new FakeEmbedder(), TimeProvider.System);
    }
}
