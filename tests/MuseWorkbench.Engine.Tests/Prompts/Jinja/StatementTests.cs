using static MuseWorkbench.Engine.Tests.Prompts.Jinja.Rendering;

namespace MuseWorkbench.Engine.Tests.Prompts.Jinja;

public class StatementTests
{
    private const string Variables = """{"l":["a","b","c"],"d":{"x":1,"y":2},"e":[]}""";

    [Theory]
    [InlineData("{% for i in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ i }} {% endfor %}", "103a 212b 321c ")]
    [InlineData("{% for i in l %}{% if loop.first %}[{% endif %}{{ i }}{{ ']' if loop.last else ',' }}{% endfor %}", "[a,b,c]")]
    [InlineData("{% for i in l %}{{ loop.previtem }}<{{ loop.nextitem }} {% endfor %}", "<b a<c b< ")]
    [InlineData("{% for i in l %}{{ loop.length }}{{ loop.cycle('x','y') }}{% endfor %}", "3x3y3x")]
    [InlineData("{% for i in l if i != 'b' %}{{ loop.length }}{{ i }}{% else %}none{% endfor %}", "2a2c")]
    [InlineData("{% for i in e %}x{% else %}none{% endfor %}", "none")]
    [InlineData("{% for i in missing %}x{% else %}none{% endfor %}", "none")]
    [InlineData("{% for k, v in d.items() %}{{ k }}{{ v }}{% endfor %}", "x1y2")]
    [InlineData("{% for (k, v) in d|dictsort(reverse=true) %}{{ k }}{{ v }}{% endfor %}", "y2x1")]
    [InlineData("{% for k in d %}{{ k }}{% endfor %}", "xy")]
    [InlineData("{% for i in l %}{% for j in l %}{{ loop.depth }}{% endfor %}{{ loop.depth }}{% endfor %}", "222122212221")]
    [InlineData("{% for i in l %}{% if i == 'b' %}{% continue %}{% endif %}{{ i }}{% endfor %}", "ac")]
    [InlineData("{% for i in l %}{% if i == 'b' %}{% break %}{% endif %}{{ i }}{% endfor %}", "a")]
    [InlineData("{% if e %}1{% elif d %}2{% else %}3{% endif %}", "2")]
    [InlineData("{% if missing %}1{% else %}3{% endif %}", "3")]
    [InlineData("{% set x = 1 %}{% for i in l %}{{ x }}{% set x = x + 1 %}{% endfor %}{{ x }}", "1111")] // a round's variables are its own
    [InlineData("{% set x = 1 %}{% if true %}{% set x = 2 %}{% endif %}{{ x }}", "2")] // a condition's are not
    [InlineData("{% set ns = namespace(n=0) %}{% for i in l %}{% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n }}", "3")]
    [InlineData("{% set ns = namespace({'n': 5}, m=1) %}{{ ns.n + ns.m }}{{ ns.missing }}", "6")]
    [InlineData("{% set a, b = 1, 2 %}{{ a + b }}", "3")]
    [InlineData("{% set x %}a{{ 1 }}{% endset %}{{ x ~ x }}", "a1a1")]
    [InlineData("{% set x | upper | trim %} ab {% endset %}{{ x }}", "AB")]
    [InlineData("{% macro m(a, b='B', c=none) %}{{ a }}{{ b }}{{ c }};{% endmacro %}{{ m(1) }}{{ m(1, c=3) }}{{ m(b=2, a=1) }}{{ m() }}", "1BNone;1B3;12None;BNone;")]
    [InlineData("{% macro m(a) %}{{ a }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, x=3) }}", "1(2,){'x': 3}")]
    [InlineData("{% macro m(n) %}{{ n }}{% if n > 0 %}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(3) }}", "3210")]
    [InlineData("{% macro m() %}{{ x }}{% endmacro %}{% set x = 5 %}{{ m() }}", "5")]
    [InlineData("{% macro m(*) %}{% endmacro %}", null)]
    [InlineData("{% macro box(t) %}<{{ t }}:{{ caller('in') }}>{% endmacro %}{% call(x) box('T') %}{{ x }}side{% endcall %}", "<T:inside>")]
    [InlineData("{% filter upper %}a{{ 'b' }}{% endfilter %}", "AB")]
    [InlineData("{% with x = 1, y = 2 %}{{ x + y }}{% endwith %}{{ x }}", "3")]
    [InlineData("{% generation %}a{% endgeneration %}", "a")]
    [InlineData("{% set args = {'b': 2} %}{% macro m(a, b) %}{{ a }}{{ b }}{% endmacro %}{{ m(*[1], **args) }}", "12")]
    [InlineData("{% do namespace() %}x", "x")]
    [InlineData("{% for a, b in [[1]] %}{% endfor %}", null)]
    [InlineData("{% set d.x = 1 %}", null)]
    [InlineData("{% for i in 5 %}{% endfor %}", null)]
    public void Render_Statement_DoesAsInJinja(string template, string? expected)
    {
        if (expected is null)
        {
            Error(template, Variables);
            return;
        }
        Assert.Equal(expected, Render(template, Variables));
    }

    [Fact]
    public void Render_ErrorInATemplate_NamesItsLine()
    {
        var exception = Assert.ThrowsAny<Engine.Prompts.Jinja.JinjaException>(() => Render("a\n{% for i in [1] %}\n{{ i + 'x' }}\n{% endfor %}"));

        Assert.Equal(3, exception.Line);
    }
}
