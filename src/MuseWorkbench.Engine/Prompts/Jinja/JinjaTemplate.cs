using MuseWorkbench.Engine.Prompts.Jinja.Library;
using MuseWorkbench.Engine.Prompts.Jinja.Running;
using MuseWorkbench.Engine.Prompts.Jinja.Syntax;
using MuseWorkbench.Engine.Prompts.Jinja.Values;

namespace MuseWorkbench.Engine.Prompts.Jinja;

/// <summary>
/// A template in the part of Jinja that chat templates use, with the settings the transformers library renders them with. Parsed
/// once, rendered by any thread.
/// </summary>
internal sealed class JinjaTemplate
{
    private readonly IReadOnlyList<Statement> _body;

    private JinjaTemplate(IReadOnlyList<Statement> body) => _body = body;

    /// <exception cref="JinjaException">It can't be read; the message names the line.</exception>
    public static JinjaTemplate Parse(string text) => text.Length <= JinjaLimits.TemplateLength
        ? new(Parser.Parse(text))
        : throw new JinjaLimitException($"The chat template is longer than {JinjaLimits.TemplateLength} characters.");

    /// <exception cref="JinjaException">It can't be rendered with these variables, or not within the budget.</exception>
    public JinjaString Render(IEnumerable<KeyValuePair<string, JinjaValue>> variables, JinjaBudget budget)
    {
        var globals = new Scope(null);
        Globals.Define(globals, budget);
        var scope = new Scope(globals);
        foreach (var (name, value) in variables)
        {
            scope.Set(name, value);
        }
        var output = new JinjaStringBuilder();
        try
        {
            new StatementRunner(budget).Run(_body, scope, output);
        }
        catch (OverflowException)
        {
            throw new JinjaException("a number is beyond 64 bits");
        }
        return output.ToText();
    }
}
