using System.Text.RegularExpressions;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>The part of Nunjucks that prompts over one variable after another need: <c>{{ name }}</c>.</summary>
internal static partial class PromptTemplate
{
    /// <summary>The prompt with its variables put in; those without a text (images) leave nothing. Null where it is more than this.</summary>
    public static string? TryRender(string template, IReadOnlyDictionary<string, string> variables)
    {
        if (template.StartsWith("file://", StringComparison.Ordinal) || template.TrimStart().StartsWith('['))
            return null;
        var rest = Variable().Replace(template, "");
        return rest.Contains("{{", StringComparison.Ordinal) || rest.Contains("{%", StringComparison.Ordinal) || rest.Contains("{#", StringComparison.Ordinal)
            ? null
            : Variable().Replace(template, match => variables.GetValueOrDefault(match.Groups[1].Value, ""));
    }

    [GeneratedRegex(@"\{\{-?\s*([A-Za-z_][A-Za-z0-9_]*)\s*-?\}\}", RegexOptions.NonBacktracking)]
    private static partial Regex Variable();
}
