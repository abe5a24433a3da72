using static MuseWorkbench.Engine.Tests.Prompts.Jinja.Rendering;

namespace MuseWorkbench.Engine.Tests.Prompts.Jinja;

public class FilterTests
{
    private const string Variables = """
        {"s":"  Hello World ","l":[3,1,2],"ls":["b","A","c"],"nil":null,"d":{"b":1,"a":{"x":"é<\"\n"}},
         "m":[{"role":"user","n":2},{"role":"assistant","n":1,"tool":{"name":"f"}},{"role":"user","n":3}]}
        """;

    [Theory]
    [InlineData("s|trim", "Hello World")]
    [InlineData("'xxaxx'|trim('x')", "a")]
    [InlineData("s|length ~ l|count ~ d|length", "1432")]
    [InlineData("'heLLO wOrld-x'|capitalize ~ '|' ~ 'heLLO wOrld-x'|title", "Hello world-x|Hello World-X")]
    [InlineData("'aB'|upper ~ 'aB'|lower", "ABab")]
    [InlineData("l|first ~ l|last ~ []|first", "32")]
    [InlineData("missing|default('D') ~ nil|default('D') ~ nil|d('E', true)", "DNoneE")]
    [InlineData("l|join ~ l|join('-') ~ m|join(',', attribute='role')", "3123-1-2user,assistant,user")]
    [InlineData("ls|map('upper')|list ~ m|map(attribute='n')|list ~ m|map(attribute='tool.name', default='-')|join", "['B', 'A', 'C'][2, 1, 3]-f-")]
    [InlineData("m|selectattr('role', 'equalto', 'user')|map(attribute='n')|list", "[2, 3]")]
    [InlineData("m|rejectattr('role', '==', 'user')|list|length", null)]
    [InlineData("m|rejectattr('role', 'eq', 'user')|map(attribute='n')|join", "1")]
    [InlineData("m|selectattr('tool')|map(attribute='n')|join ~ m|selectattr('tool', 'defined')|list|length", "11")]
    [InlineData("[0, 1, none, 'a']|select|list ~ [0, 1, 2]|reject('odd')|list ~ [1, 'a']|select('string')|list", "[1, 'a'][0, 2]['a']")]
    [InlineData("l|sort ~ ls|sort ~ ls|sort(case_sensitive=true) ~ l|sort(reverse=true) ~ m|sort(attribute='n')|map(attribute='n')|join", "[1, 2, 3]['A', 'b', 'c']['A', 'b', 'c'][3, 2, 1]123")]
    [InlineData("[1, 'a']|sort", null)]
    [InlineData("l|reverse|list ~ 'abc'|reverse", "[2, 1, 3]cba")]
    [InlineData("['a', 'A', 'b']|unique|list ~ [1, 1.0, true]|unique|list", "['a', 'b'][1]")]
    [InlineData("d|items|list|length ~ d|dictsort|first|first", "2a")]
    [InlineData("'aXbX'|replace('X', '-') ~ 'aXbX'|replace('X', '-', 1)", "a-b-a-bX")]
    [InlineData("'7'|int + '1.5'|float + 'x'|int(2)", "10.5")]
    [InlineData("5|string ~ true|string ~ 'abc'|list", "5True['a', 'b', 'c']")]
    [InlineData("2.567|round(2) ~ ' ' ~ 2.5|round|int ~ ' ' ~ 2.1|round(method='ceil')", "2.57 2 3.0")]
    [InlineData("l|max ~ l|min ~ l|sum ~ -3|abs", "3163")]
    [InlineData("'<a&\"b\">'|e ~ '<'|safe", "&lt;a&amp;&#34;b&#34;&gt;<")]
    [InlineData("'a\\n\\nb'|indent ~ '|' ~ 'a\\nb'|indent(2, true)", "a\n\n    b|  a\n  b")]
    [InlineData("d|tojson", "{\"b\": 1, \"a\": {\"x\": \"é<\\\"\\n\"}}")]
    [InlineData("d|tojson(indent=2)", "{\n  \"b\": 1,\n  \"a\": {\n    \"x\": \"é<\\\"\\n\"\n  }\n}")]
    [InlineData("d|tojson(separators=(',', ':'))", "{\"b\":1,\"a\":{\"x\":\"é<\\\"\\n\"}}")]
    [InlineData("d|tojson(sort_keys=true, ensure_ascii=true)", "{\"a\": {\"x\": \"\\u00e9<\\\"\\n\"}, \"b\": 1}")]
    [InlineData("[1.0, 2.5, true, none, [], {}]|tojson", "[1.0, 2.5, true, null, [], {}]")]
    [InlineData("[[], [1]]|tojson(indent=1)", "[\n [],\n [\n  1\n ]\n]")]
    [InlineData("missing|tojson", null)]
    [InlineData("'%s-%s'|format(1, 'a')", "1-a")]
    [InlineData("[1, 2, 3]|batch(2)|list", "[[1, 2], [3]]")]
    public void Render_Filter_AsInJinja(string expression, string? expected)
    {
        var template = "{{ " + expression + " }}";
        if (expected is null)
        {
            Error(template, Variables);
            return;
        }
        Assert.Equal(expected, Render(template, Variables));
    }

    [Theory]
    [InlineData("' a b  c '.split()", "['a', 'b', 'c']")]
    [InlineData("'a,b,c'.split(',') ~ 'a,b,c'.split(',', 1) ~ ','.split(',') ~ 'a,b,c'.rsplit(',', 1)", "['a', 'b', 'c']['a', 'b,c']['', '']['a,b', 'c']")]
    [InlineData("'xxaxx'.strip('x') ~ ' a '.lstrip() ~ '|' ~ ' a '.rstrip()", "aa | a")]
    [InlineData("'abc'.startswith('a') ~ 'abc'.endswith(('x', 'c'))", "TrueTrue")]
    [InlineData("'aXbX'.replace('X', '') ~ 'ab'.upper() ~ \"they're\".title() ~ 'AB c'.capitalize()", "abABThey'ReAb c")]
    [InlineData("'-'.join(['a', 'b']) ~ 'abcb'.find('b') ~ 'abc'.find('x') ~ 'abcb'.count('b') ~ 'abcb'.rfind('b')", "a-b1-123")]
    [InlineData("{'a': 1}.get('a') ~ {'a': 1}.get('b') ~ {'a': 1}.get('b', 2) ~ {'a': 1}.keys()|list ~ {'a': 1}.values()|list", "1None2['a'][1]")]
    [InlineData("'a\\nb\\r\\nc'.splitlines() ~ 'prefix'.removeprefix('pre') ~ 'a.txt'.removesuffix('.txt')", "['a', 'b', 'c']fixa")]
    [InlineData("'{} and {x}'.format(1, x='y') ~ '12'.isdigit() ~ [1, 2, 1].count(1) ~ [1, 2].index(2)", "1 and yTrue21")]
    [InlineData("'<think>a</think>\\n\\nb'.split('</think>')[-1].lstrip('\\n')", "b")]
    public void Render_Method_AsInPython(string expression, string expected) => Assert.Equal(expected, Render("{{ " + expression + " }}"));

    [Theory]
    [InlineData("x is defined", false)]
    [InlineData("x is not defined", true)]
    [InlineData("none is none and 0 is not none", true)]
    [InlineData("'a' is string and 1 is not string", true)]
    [InlineData("{} is mapping and [] is not mapping", true)]
    [InlineData("[] is sequence and 'a' is sequence and 1 is not sequence", true)]
    [InlineData("{} is iterable and 1 is not iterable", true)]
    [InlineData("1 is number and 1.5 is number and true is number and 'a' is not number", true)]
    [InlineData("1 is integer and true is not integer and 1.0 is float", true)]
    [InlineData("true is boolean and true is true and false is false and 1 is not true", true)]
    [InlineData("1 is equalto 1 and 1 is eq(1) and 1 is ne 2", true)]
    [InlineData("'a' is in ['a'] and 'b' is in 'abc'", true)]
    [InlineData("3 is odd and 4 is even and 9 is divisibleby 3", true)]
    [InlineData("2 is gt 1 and 1 is le 1", true)]
    [InlineData("'a' is lower and 'A' is upper", true)]
    [InlineData("range is callable and 'a' is not callable", true)]
    [InlineData("'trim' is filter", true)]
    public void Render_Test_AsInJinja(string expression, bool expected) => Assert.Equal(expected ? "True" : "False", Render("{{ " + expression + " }}"));

    [Fact]
    public void StrftimeNow_Format_WritesTheGivenTime()
    {
        var time = new FixedTime(new DateTimeOffset(2026, 3, 5, 7, 8, 9, TimeSpan.Zero));

        Assert.Equal("05 Mar 2026|2026-03-05|Thursday, March 5|07:08:09|100%", RenderText("{{ strftime_now('%d %b %Y|%Y-%m-%d|%A, %B %-d|%H:%M:%S|100%%') }}", time: time, cancellationToken: TestContext.Current.CancellationToken).Text);
    }

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;
    }
}
