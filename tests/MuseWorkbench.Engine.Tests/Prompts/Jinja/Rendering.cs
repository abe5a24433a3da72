using System.Text.Json;
using MuseWorkbench.Engine.Prompts;
using MuseWorkbench.Engine.Prompts.Jinja;
using MuseWorkbench.Engine.Prompts.Jinja.Running;
using MuseWorkbench.Engine.Prompts.Jinja.Values;

namespace MuseWorkbench.Engine.Tests.Prompts.Jinja;

/// <summary>Renders templates over variables given as JSON.</summary>
internal static class Rendering
{
    public static string Render(string template, string variables = "{}") => RenderText(template, variables).Text;

    public static JinjaString RenderText(string template, string variables = "{}", JinjaLimits? limits = null, TimeProvider? time = null, CancellationToken cancellationToken = default) =>
        JinjaTemplate.Parse(template).Render(
            JsonSerializer.Deserialize<JsonElement>(variables).EnumerateObject().Select(p => KeyValuePair.Create(p.Name, JsonValues.Read(p.Value))),
            new JinjaBudget(limits ?? JinjaLimits.Default, time ?? TimeProvider.System, cancellationToken));

    public static string Error(string template, string variables = "{}") => Assert.ThrowsAny<JinjaException>(() => Render(template, variables)).Message;

    /// <summary>A rendering with what is not the template's in angle brackets.</summary>
    public static string Marked(string template, string variables = "{}")
    {
        var text = RenderText(template, variables);
        var result = text.Text;
        foreach (var mark in text.Marks.Reverse())
        {
            result = result.Insert(mark.End, "⟩").Insert(mark.Start, "⟨");
        }
        return result;
    }
}
