using static MuseWorkbench.Engine.Tests.Prompts.Jinja.Rendering;

namespace MuseWorkbench.Engine.Tests.Prompts.Jinja;

public class WhitespaceTests
{
    [Theory]
    [InlineData("a\n{% if true %}\nb\n{% endif %}\nc", "a\nb\nc")] // a tag's line leaves nothing
    [InlineData("a\n  \t{% if true %}b{% endif %}", "a\nb")] // blanks before a tag that begins its line
    [InlineData("  {% if true %}b{% endif %}", "b")]
    [InlineData("x  {% if true %}b{% endif %}", "x  b")] // not where the line has begun
    [InlineData("a\n  {{ 1 }}\nb", "a\n  1\nb")] // printing keeps its blanks
    [InlineData("a\n  {# c #}\nb", "a\nb")]
    [InlineData("a \n {%- if true -%} \n b \n {%- endif -%} \n c", "abc")]
    [InlineData("a \n {{- 1 -}} \n b", "a1b")]
    [InlineData("a \n {#- c -#} \n b", "ab")]
    [InlineData("a\n  {%+ if true %}b{% endif %}", "a\n  b")]
    [InlineData("{% if true +%}\nb{% endif %}", "\nb")]
    [InlineData("{% if true %}\n\nb{% endif %}", "\nb")] // one line break only
    [InlineData("{% if true %} \nb{% endif %}", " \nb")]
    [InlineData("a\n", "a")] // the template's last line break is none of its text
    [InlineData("a\n\n", "a\n")]
    [InlineData("a\r\nb\rc", "a\nb\nc")]
    [InlineData("{% raw %}{{ x }} {% y %}{# z #}{% endraw %}", "{{ x }} {% y %}{# z #}")]
    [InlineData("a {%- raw -%} b {%- endraw -%} c", "abc")]
    [InlineData("{{ '{{ \"%}\" }}' }}", "{{ \"%}\" }}")] // closing marks in a text
    [InlineData("{{ {'a': {'b': 1}}['a']['b'] }}", "1")] // and where brackets are open
    [InlineData("{", "{")]
    [InlineData("{ % {", "{ % {")]
    public void Render_WhiteSpace_IsTreatedAsChatTemplatesExpect(string template, string expected) => Assert.Equal(expected, Render(template));

    [Theory]
    [InlineData("a\n{{ 1", "line 2")]
    [InlineData("{# never", "a comment does not end")]
    [InlineData("{% raw %}{{", "a raw block does not end")]
    [InlineData("{{ 'a }}", "a string does not end")]
    [InlineData("{{ a ! }}", "unexpected character '!'")]
    [InlineData("{{ (1] }}", "unexpected ']'")]
    [InlineData("{% if x %}a", "end of the template")]
    [InlineData("{% endif %}", "unknown tag 'endif'")]
    [InlineData("{% include 'x' %}", "unknown tag 'include'")]
    [InlineData("{% break %}", "unknown tag 'break'")]
    [InlineData("{{ 1 2 }}", "unexpected '2'")]
    [InlineData("{% set 1 = 2 %}", "unexpected '1'")]
    [InlineData("{{ 99999999999999999999 }}", "too large")]
    public void Parse_NoTemplate_SaysWhatAndWhere(string template, string expected) => Assert.Contains(expected, Error(template), StringComparison.Ordinal);
}
