using MuseWorkbench.Engine.Prompts.Jinja;
using static MuseWorkbench.Engine.Tests.Prompts.Jinja.Rendering;

namespace MuseWorkbench.Engine.Tests.Prompts.Jinja;

public class LimitTests
{
    private static readonly string s_nested = string.Concat(Enumerable.Repeat("{% for i in range(1000) %}", 4)) + "x" + string.Concat(Enumerable.Repeat("{% endfor %}", 4));

    [Fact]
    public void Render_LoopsWithoutEnd_EndInALimit() => Assert.Contains("steps", Limit(s_nested), StringComparison.Ordinal);

    [Fact]
    public void Render_HugeRange_EndsInALimit() => Assert.Contains("range", Limit("{% for i in range(10 ** 12) %}{% endfor %}"), StringComparison.Ordinal);

    [Theory]
    [InlineData("{{ 'x' * 10 ** 12 }}")]
    [InlineData("{% set ns = namespace(s='xx') %}{% for i in range(100) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}")]
    [InlineData("{% set ns = namespace(l=[1]) %}{% for i in range(100) %}{% set ns.l = ns.l + ns.l %}{% endfor %}")]
    [InlineData("{% for i in range(100000) %}{{ 'x' * 1000 }}{% endfor %}")]
    [InlineData("{{ 'xxxxxxxxxx'|replace('x', 'y' * 10000000) }}")]
    public void Render_TooMuchText_EndsInALimit(string template) => Assert.Contains("characters", Limit(template), StringComparison.Ordinal);

    [Theory]
    [InlineData("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}")]
    [InlineData("{% set ns = namespace(l=[]) %}{% for i in range(90000) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l|tojson }}")]
    [InlineData("{% set ns = namespace(l=[], k=[]) %}{% for i in range(50000) %}{% set ns.l = [ns.l] %}{% set ns.k = [ns.k] %}{% endfor %}{{ ns.l == ns.k }}")]
    public void Render_EndlessDepth_EndsInALimit(string template) => Assert.NotEmpty(Limit(template));

    [Fact]
    public void Parse_DeepNesting_IsRefused()
    {
        Assert.Contains("nesting", Error("{{ " + new string('(', 5000) + "1" + new string(')', 5000) + " }}"), StringComparison.Ordinal);
        Assert.Contains("nesting", Error("{{ " + string.Concat(Enumerable.Repeat("not ", 5000)) + "1 }}"), StringComparison.Ordinal);
        Assert.Contains("nesting", Error(string.Concat(Enumerable.Repeat("{% if 1 %}", 5000))), StringComparison.Ordinal);
        Assert.Contains("more than 200", Error("{{ a" + string.Concat(Enumerable.Repeat("|trim", 5000)) + " }}"), StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_LongTemplate_IsRefused() => Assert.Contains("longer", Limit(new string('x', JinjaLimits.TemplateLength + 1)), StringComparison.Ordinal);

    [Fact]
    public void Render_TimeIsUp_EndsInALimit()
    {
        var exception = Assert.Throws<JinjaLimitException>(() => RenderText(s_nested, time: new HurryingTime(), cancellationToken: TestContext.Current.CancellationToken));

        Assert.Contains("longer than 5 s", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_Cancelled_Stops() =>
        Assert.Throws<OperationCanceledException>(() => RenderText(s_nested, cancellationToken: new CancellationToken(canceled: true)));

    private static string Limit(string template) => Assert.Throws<JinjaLimitException>(() => Render(template)).Message;

    /// <summary>A second passes at every look.</summary>
    private sealed class HurryingTime : TimeProvider
    {
        private long _now;
        public override long TimestampFrequency => 1;
        public override long GetTimestamp() => _now++;
    }
}
