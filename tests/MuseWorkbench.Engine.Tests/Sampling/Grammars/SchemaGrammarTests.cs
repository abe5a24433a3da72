using System.Globalization;
using System.Text.Json;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Sampling.Grammars;

namespace MuseWorkbench.Engine.Tests.Sampling.Grammars;

public sealed class SchemaGrammarTests
{
    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string"},"c":{"type":"boolean"}},"required":["b"]}""",
        """{"b":"x"}|{"a":-5,"b":"\n"}|{ "b": "é", "c": true }""", """{}|{"a":1}|{"b":"x","a":1}|{"b":"x",}|{"b":"x","d":1}|{"a":01,"b":""}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"null"},"ab":{"type":"null"}},"additionalProperties":{"type":"number"}}""",
        """{}|{"a":null}|{"b":1.5}|{"a":null,"b":2,"":3}|{"abc":4}|{"ab":null,"x":1e5}""", """{"a":1}|{"ab":1}|{"b":"x"}|{"\u0061":1}""")]
    [InlineData("""{"properties":{"a":true},"required":["a","z"]}""", """{"a":[1,{"x":{}}],"z":0}""", """{"a":1}""")]
    [InlineData("""{"type":"object"}""", """{}|{"any":{"thing":[1]}}""", "[]|1")]
    [InlineData("""{"type":"array","items":{"type":"boolean"},"minItems":1,"maxItems":3}""", "[true]|[true,false]|[true, true, false]", "[]|[true,true,true,true]|[1]")]
    [InlineData("""{"type":"array","prefixItems":[{"const":1},{"const":2}],"items":{"const":3},"minItems":1,"maxItems":4}""", "[1]|[1,2]|[1,2,3,3]", "[]|[2]|[1,3]|[1,2,3,3,3]")]
    [InlineData("""{"type":"array","prefixItems":[{"const":1}],"items":false}""", "[]|[1]", "[1,1]")]
    [InlineData("""{"type":"array","maxItems":0}""", "[]", "[1]")]
    [InlineData("""{"type":"string","minLength":1,"maxLength":2}""", "\"é\"|\"\\n\\n\"|\"\\ud83d\\ude00\"", "\"\"|\"abc\"|\"\\ud83d\"")]
    [InlineData("""{"type":"string","pattern":"^[A-Z]{2}-\\d+(a|b)?$"}""", "\"AB-1\"|\"AB-12b\"", "\"A-1\"|\"AB-\"|\"AB-1c\"")]
    [InlineData("""{"type":"string","pattern":"^[^a]\"$"}""", "\"b\\\"\"|\"\\\\\\\"\"", "\"a\\\"\"|\"b\"\"")]
    [InlineData("""{"type":"string","format":"date"}""", "\"2026-01-31\"", "\"2026-13-01\"|\"2026-1-1\"")]
    [InlineData("""{"type":"string","format":"date-time"}""", "\"2026-01-31T23:59:59Z\"|\"2026-01-31T00:00:00.5+01:00\"", "\"2026-01-31\"|\"2026-01-31T24:00:00Z\"")]
    [InlineData("""{"type":"string","format":"uuid"}""", "\"01234567-89ab-cdef-0123-456789abcdef\"", "\"01234567\"")]
    [InlineData("""{"type":["string","null"]}""", "\"x\"|null", "1")]
    [InlineData("""{"enum":["a\"b",2,null,{"x":[1]}]}""", "\"a\\\"b\"|2|null|{\"x\":[1]}", "\"a\"|3|{}")]
    [InlineData("""{"anyOf":[{"type":"integer","minimum":10,"maximum":12},{"const":"none"}]}""", "10|12|\"none\"", "9|13|1")]
    [InlineData("""{"$ref":"#/$defs/node","$defs":{"node":{"type":"object","properties":{"next":{"anyOf":[{"$ref":"#/$defs/node"},{"type":"null"}]}},"required":["next"]}}}""",
        """{"next":null}|{"next":{"next":null}}""", """{"next":1}|{}""")]
    [InlineData("""{"allOf":[{"$ref":"#/$defs/a"},{"properties":{"y":{"type":"integer"}},"required":["y"]}],"$defs":{"a":{"type":"object","properties":{"x":{"type":"integer"}},"required":["x"]}}}""",
        """{"x":1,"y":2}""", """{"x":1}|{"y":2}""")]
    public void Compile_Schema_TakesWhatIsValid(string schema, string good, string bad)
    {
        var grammar = Following.Schema(schema);

        Assert.All(good.Split('|'), text => Assert.True(grammar.Takes(text), text));
        Assert.All(bad.Split('|'), text => Assert.False(grammar.Takes(text), text));
    }

    [Theory]
    [InlineData("""{"type":"number","multipleOf":0.5}""", "", "'multipleOf'")]
    [InlineData("""{"type":"number","minimum":1,"exclusiveMaximum":1}""", "", "'minimum'")]
    [InlineData("""{"type":"number","maximum":1e16}""", "", "'maximum'")]
    [InlineData("""{"type":"number","maximum":"1"}""", "", "'maximum'")]
    [InlineData("""{"type":"string","minimum":1}""", "", "'minimum'")]
    [InlineData("""{"type":"object","properties":{"a/b":{"type":"object","properties":{"c":{"type":"string","format":"email"}}}}}""", "/properties/a~1b/properties/c", "'format'")]
    [InlineData("""{"type":"array","uniqueItems":true}""", "", "'uniqueItems'")]
    [InlineData("""{"not":{}}""", "", "'not'")]
    [InlineData("""{"type":"text"}""", "", "'type'")]
    [InlineData("""{"type":[]}""", "", "'type'")]
    [InlineData("""{"type":5}""", "", "'type'")]
    [InlineData("""{"type":"string","pattern":"a"}""", "", "anchored")]
    [InlineData("""{"type":"string","pattern":"^(?=a)b$"}""", "", "character")]
    [InlineData("""{"type":"string","pattern":"^a+?$"}""", "", "character")]
    [InlineData("""{"type":"string","pattern":"^($"}""", "", "character")]
    [InlineData("""{"type":"string","pattern":"^a{1,99999}$"}""", "", "repetition")]
    [InlineData("""{"type":"string","minLength":-1}""", "", "'minLength'")]
    [InlineData("""{"type":"string","maxLength":1e9}""", "", "'maxLength'")]
    [InlineData("""{"type":"string","minLength":3,"maxLength":2}""", "", "'minLength'")]
    [InlineData("""{"type":"integer","minimum":1.5}""", "", "'minimum'")]
    [InlineData("""{"type":"integer","minimum":3,"maximum":2}""", "", "'minimum'")]
    [InlineData("""{"anyOf":[]}""", "", "'anyOf'")]
    [InlineData("""{"anyOf":[{"type":"string"}],"type":"string"}""", "", "'type'")]
    [InlineData("""{"anyOf":[true,false]}""", "/anyOf/1", "'false'")]
    [InlineData("""{"$ref":"http://example.com/schema"}""", "", "'$ref'")]
    [InlineData("""{"$ref":"#/$defs/none"}""", "", "nothing")]
    [InlineData("""{"$ref":"#"}""", "", "left recursion")]
    [InlineData("""{"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]}""", "", "no text ever completes")]
    [InlineData("""{"type":"object","required":["a"],"additionalProperties":false}""", "", "'required'")]
    [InlineData("""{"type":"object","properties":5}""", "", "'properties'")]
    [InlineData("""{"allOf":[{"properties":{"a":true}},{"properties":{"a":false}}]}""", "/allOf/1/properties/a", "two ways")]
    [InlineData("""{"allOf":[{"$ref":"#"}]}""", "/allOf/0", "nested")]
    [InlineData("[]", "", "object")]
    public void Compile_NotSupported_NamesPointerAndKeyword(string schema, string pointer, string expected)
    {
        var fault = Assert.Throws<SchemaException>(() => Following.Schema(schema));

        Assert.Equal(pointer, fault.Pointer);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-7, 12)]
    [InlineData(5, 1234)]
    [InlineData(-250, -13)]
    [InlineData(99, 101)]
    [InlineData(100, 999)]
    public void Compile_IntegerRange_TakesExactlyItsNumbers(int least, int most)
    {
        var grammar = Following.Schema($$"""{"type":"integer","minimum":{{least}},"maximum":{{most}}}""");

        Assert.Equal(Enumerable.Range(least, most - least + 1), Enumerable.Range(-1300, 2700).Where(n => grammar.Takes($"{n}")));
        Assert.False(grammar.Takes("00"));
    }

    [Theory]
    [InlineData("\"minimum\":0,\"maximum\":1", "0|1|0.0|0.5|0.999|1.00", "-0.1|1.1|1.01|2|.5|1.|00.5|1e0|-1")]
    [InlineData("\"exclusiveMinimum\":0,\"maximum\":0.25", "0.01|0.1|0.25|0.250|0.2|0.000001", "0|0.0|0.251|0.26|0.3|1")]
    [InlineData("\"minimum\":0.25,\"exclusiveMaximum\":0.3", "0.25|0.29999|0.26", "0.2|0.24999|0.3|0.30|0")]
    [InlineData("\"minimum\":-1.5,\"maximum\":2", "-1.5|-1.4999|-0.1|0|1.9|2.0|-1", "-1.51|-2|2.1|3|-1.6")]
    [InlineData("\"minimum\":-3,\"exclusiveMaximum\":-2.5", "-3|-2.6|-2.50001|-3.0", "-2.5|-2|-3.1|0|3")]
    [InlineData("\"minimum\":0,\"maximum\":0.005", "0|0.0|0.00|0.001|0.005|0.0050|0.0049", "0.006|0.01|0.0051|0.1")]
    [InlineData("\"exclusiveMinimum\":0.1,\"exclusiveMaximum\":0.1003", "0.1001|0.10001|0.1002999", "0.1|0.10|0.1003|0.2|0.1004")]
    [InlineData("\"minimum\":7", "7|7.5|8|123456.75", "6.999|-7|0")]
    [InlineData("\"minimum\":2.5,\"exclusiveMinimum\":2.5,\"maximum\":4,\"exclusiveMaximum\":4", "2.51|3|3.999", "2.5|4|4.0")]
    [InlineData("\"minimum\":0.5,\"maximum\":0.5", "0.5|0.50", "0|0.51|0.4|0.05")]
    public void Compile_NumberRange_TakesWhatLiesWithin(string bounds, string good, string bad)
    {
        var grammar = Following.Schema($$"""{"type":"number",{{bounds}}}""");

        Assert.All(good.Split('|'), text => Assert.True(grammar.Takes(text), text));
        Assert.All(bad.Split('|'), text => Assert.False(grammar.Takes(text), text));
    }

    [Fact]
    public void Compile_NumberRanges_TakeExactlyTheirNumbers()
    {
        var random = new Random(5);
        for (var round = 0; round < 200; round++)
        {
            decimal[] ends = [.. new[] { Value(), Value() }.Order()];
            var (above, below) = (random.Next(2) == 0, random.Next(2) == 0);
            if (ends[0] == ends[1] && (above || below))
            {
                continue;
            }

            var schema = $$"""{"type":"number","{{(above ? "exclusiveMinimum" : "minimum")}}":{{Text(ends[0])}},"{{(below ? "exclusiveMaximum" : "maximum")}}":{{Text(ends[1])}}}""";
            var grammar = Following.Schema(schema);

            decimal[] tried = [.. ends, .. ends.Select(end => end + 0.001m), .. ends.Select(end => end - 0.001m), .. Enumerable.Range(0, 40).Select(_ => Value())];
            foreach (var value in tried)
            {
                var within = (above ? value > ends[0] : value >= ends[0]) && (below ? value < ends[1] : value <= ends[1]);
                Assert.True(within == grammar.Takes(Text(value)), $"{schema}: {Text(value)}");
                Assert.True(within == grammar.Takes(value.ToString("0.0000", CultureInfo.InvariantCulture).Replace("-0.0000", "0.0000", StringComparison.Ordinal)), $"{schema}: {value:0.0000}");
            }
        }

        decimal Value() => decimal.Round(random.Next(-20_000, 20_000) / (decimal)Math.Pow(10, random.Next(0, 5)), 4);

        static string Text(decimal value) => value.ToString("0.####", CultureInfo.InvariantCulture);
    }

    [Fact]
    public void Compile_SharedPartsWithoutEnd_AreBounded()
    {
        var parts = string.Join(',', Enumerable.Range(0, 25).Select(i => $$"""
            "p{{i}}":{"allOf":[{"$ref":"#/$defs/p{{i + 1}}"},{"$ref":"#/$defs/p{{i + 1}}"}]}
            """));

        Assert.Throws<SchemaException>(() => Following.Schema($$"""{"$defs":{ {{parts}},"p25":{"type":"object"} },"allOf":[{"$ref":"#/$defs/p0"}]}"""));
    }

    [Fact]
    public void AnyObject_Json_OfBoundedNesting()
    {
        Assert.True(JsonGrammar.AnyObject.Takes("""{"a": [1, -2.5e3, "x\u00e9", {"b": null}], "c": true}"""));
        Assert.False(JsonGrammar.AnyObject.Takes("[1]"));
        Assert.False(JsonGrammar.AnyObject.Takes("""{"a":1,}"""));
        Assert.False(JsonGrammar.AnyObject.Takes($"{{\"a\":{new string('[', 40)}{new string(']', 40)}}}"));
    }

    [Fact]
    public void CompileTools_Calls_FollowTheParameters()
    {
        var grammar = Tools(ToolCallFormat.Tagged);

        Assert.True(grammar.Takes("""<tool_call>{"name":"add","arguments":{"x":1}}</tool_call>"""));
        Assert.True(grammar.Takes("<tool_call>\n{\"name\": \"stop\", \"arguments\": {}}\n</tool_call>\n<tool_call>{\"name\":\"stop\",\"arguments\":{}}</tool_call>"));
        Assert.False(grammar.Takes("""<tool_call>{"name":"add","arguments":{}}</tool_call>"""));
        Assert.False(grammar.Takes("""<tool_call>{"name":"other","arguments":{}}</tool_call>"""));
        Assert.False(grammar.Takes(""));
    }

    [Fact]
    public void CompileTools_Listed_AreOneList()
    {
        var grammar = Tools(ToolCallFormat.Listed);

        Assert.True(grammar.Takes("""[TOOL_CALLS] [{"name": "add", "arguments": {"x": 1}}, {"name": "stop", "arguments": {}}]"""));
        Assert.False(grammar.Takes("""[TOOL_CALLS][{"name":"add","arguments":{}}]"""));
        Assert.False(grammar.Takes("""[TOOL_CALLS]{"name":"stop","arguments":{}}"""));
        Assert.False(grammar.Takes("[TOOL_CALLS][]"));
    }

    [Fact]
    public void CompileTools_Named_HaveTheirNamesOutsideTheJson()
    {
        var grammar = Tools(ToolCallFormat.Named);

        Assert.True(grammar.Takes("""[TOOL_CALLS]add[ARGS]{"x": 1}[TOOL_CALLS]stop[ARGS]{}"""));
        Assert.False(grammar.Takes("""[TOOL_CALLS]add[ARGS]{}"""));
        Assert.False(grammar.Takes("""[TOOL_CALLS]other[ARGS]{}"""));
    }

    [Fact]
    public void CompileTools_Bare_IsOneCallOfParameters()
    {
        var grammar = Tools(ToolCallFormat.Bare);

        Assert.True(grammar.Takes("""{"name": "add", "parameters": {"x": 1}}"""));
        Assert.False(grammar.Takes("""{"name": "add", "arguments": {"x": 1}}"""));
        Assert.False(grammar.Takes("""{"name":"stop","parameters":{}} {"name":"stop","parameters":{}}"""));
    }

    private static Grammar Tools(ToolCallFormat format)
    {
        using var parameters = JsonDocument.Parse("""{"type":"object","properties":{"x":{"type":"integer"}},"required":["x"]}""");
        return SchemaGrammar.CompileTools([("add", parameters.RootElement), ("stop", null)], 2, format);
    }
}
