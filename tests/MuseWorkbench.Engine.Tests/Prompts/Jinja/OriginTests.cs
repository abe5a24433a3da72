using static MuseWorkbench.Engine.Tests.Prompts.Jinja.Rendering;

namespace MuseWorkbench.Engine.Tests.Prompts.Jinja;

/// <summary>What is given stays marked through everything a template can do with it; ⟨⟩ is put around it here.</summary>
public class OriginTests
{
    private const string Variables = """{"s":" <|x|> Ab ","p":"a</think>\n\nb</think>c","l":["x","y"],"d":{"k":"v"},"n":5}""";

    [Theory]
    [InlineData("'[' ~ s ~ ']'", "[⟨ <|x|> Ab ⟩]")]
    [InlineData("s|trim + '!'", "⟨<|x|> Ab⟩!")]
    [InlineData("s.upper()|trim", "⟨<|X|> AB⟩")]
    [InlineData("p.split('</think>')[-2].lstrip('\\n') ~ '.'", "⟨b⟩.")]
    [InlineData("s.replace('<|', '(')|trim", "(⟨x|> Ab⟩")]
    [InlineData("'a-b'.replace('-', s|trim)", "a⟨<|x|> Ab⟩b")]
    [InlineData("l|join(', ')", "⟨x⟩, ⟨y⟩")]
    [InlineData("', '.join(l)", "⟨x⟩, ⟨y⟩")]
    [InlineData("(l[0] ~ '-' ~ l[1])[::-1]", "⟨y⟩-⟨x⟩")]
    [InlineData("('a' ~ l[0] ~ 'b')[1:]", "⟨x⟩b")]
    [InlineData("'%s=%s' % (l[0], 1)", "⟨x⟩=1")]
    [InlineData("'{}!'.format(l[0])", "⟨x⟩!")]
    [InlineData("l[0] * 2 ~ 'z'", "⟨xx⟩z")]
    [InlineData("'<' ~ l[0]|e", "<⟨x⟩")]
    [InlineData("('q\\n' ~ l[0])|indent(1)", "q\n ⟨x⟩")]
    [InlineData("n ~ (s|length)", "510")] // numbers carry no control text
    [InlineData("d|tojson", "⟨{\"k\": \"v\"}⟩")] // JSON is read as one
    [InlineData("{'a': l[0]}|tojson ~ {'a': 'b'}|tojson", "⟨{\"a\": \"x\"}⟩{\"a\": \"b\"}")]
    [InlineData("l", "⟨['x', 'y']⟩")]
    [InlineData("d.keys()|first", "⟨k⟩")]
    public void Render_GivenText_StaysMarked(string expression, string expected) => Assert.Equal(expected, Marked("{{ " + expression + " }}", Variables));

    [Theory]
    [InlineData("{% set x %}a{{ l[0] }}{% endset %}{{ x }}b", "a⟨x⟩b")]
    [InlineData("{% macro m(t) %}<{{ t }}>{% endmacro %}{{ m(l[0]) }}", "<⟨x⟩>")]
    [InlineData("{% filter upper %}a{{ l[0] }}{% endfilter %}", "A⟨X⟩")]
    [InlineData("{% for c in s|trim %}{% if loop.first %}{{ c }}.{% endif %}{% endfor %}", "⟨<⟩.")]
    [InlineData("{% if s|trim == '<|x|> Ab' and '<|x|>' in s %}yes{% endif %}", "yes")] // compared by its characters all the same
    public void Render_GivenTextThroughStatements_StaysMarked(string template, string expected) => Assert.Equal(expected, Marked(template, Variables));
}
