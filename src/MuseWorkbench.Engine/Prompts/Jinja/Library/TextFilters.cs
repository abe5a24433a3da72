using MuseWorkbench.Engine.Prompts.Jinja.Running;
using MuseWorkbench.Engine.Prompts.Jinja.Values;

namespace MuseWorkbench.Engine.Prompts.Jinja.Library;

internal static class TextFilters
{
    /// <summary><c>indent(width=4, first=False, blank=False)</c>; the width may be a text to put before each line.</summary>
    public static JinjaString Indent(JinjaBudget budget, JinjaArguments arguments)
    {
        var text = PythonText.Of(arguments.Require(0, "s"), budget);
        var indent = arguments.Find(1, "width") switch
        {
            null => new JinjaString("    "),
            JinjaString given => given,
            JinjaInteger { Value: >= 0 and <= 1000 } width => new JinjaString(new string(' ', (int)width.Value)),
            _ => throw new JinjaException("width must be a text or a number from 0 to 1000"),
        };
        var first = arguments.IsTrue(2, "first");
        var blank = arguments.IsTrue(3, "blank");
        var builder = new JinjaStringBuilder();
        var line = 0;
        for (var at = 0; at <= text.Text.Length; line++)
        {
            var end = text.Text.IndexOf('\n', at);
            var next = end < 0 ? text.Text.Length : end + 1;
            var isBlank = at == (end < 0 ? text.Text.Length : end);
            if (line == 0 ? first : blank || !isBlank)
            {
                builder.Append(indent);
            }
            builder.Append(text.Slice(at, next));
            budget.Text(next - at + indent.Text.Length);
            at = end < 0 ? int.MaxValue : next;
        }
        return builder.ToText();
    }
}
