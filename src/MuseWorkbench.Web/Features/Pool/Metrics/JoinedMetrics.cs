using System.Text;

namespace MuseWorkbench.Web.Features.Pool.Metrics;

/// <summary>Puts several engines' metrics pages together into one: each family once, its samples told apart by a label <c>engine</c>.</summary>
internal static class JoinedMetrics
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <param name="pages">Each engine's name and its page in Prometheus' text format; null where it doesn't run or doesn't answer.</param>
    public static string Join(IReadOnlyList<(string Engine, string? Page)> pages)
    {
        var families = new OrderedDictionary<string, Family>();
        foreach (var (engine, page) in pages)
            Add(families, $"engine=\"{Escape(engine)}\"", page ?? "");
        var text = new StringBuilder();
        text.Append("# HELP muse:engine_up Whether the engine runs and answers.\n# TYPE muse:engine_up gauge\n");
        foreach (var (engine, page) in pages)
            text.Append($"muse:engine_up{{engine=\"{Escape(engine)}\"}} {(page is null ? 0 : 1)}\n");
        foreach (var family in families.Values)
            text.Append(family.Head).Append(family.Samples);
        return text.ToString();
    }

    private static void Add(OrderedDictionary<string, Family> families, string label, string page)
    {
        Family? family = null;
        foreach (var line in page.AsSpan().EnumerateLines())
        {
            if (line.IsEmpty)
                continue;
            if (line[0] != '#')
            {
                (family ??= Of("")).Samples.Append(WithLabel(line, label)).Append('\n');
                continue;
            }

            // "# HELP name text" and "# TYPE name kind"
            var rest = line.Length > 7 ? line[7..] : [];
            var name = rest[..(rest.IndexOf(' ') is > 0 and var end ? end : rest.Length)].ToString();
            family = Of(name);
            if (!family.Head.ToString().Contains(line.ToString() + '\n', StringComparison.Ordinal))
                family.Head.Append(line).Append('\n');
        }

        Family Of(string name)
        {
            if (!families.TryGetValue(name, out var found))
                families.Add(name, found = new Family(new(), new()));
            return found;
        }
    }

    private static string WithLabel(ReadOnlySpan<char> sample, string label)
    {
        var end = sample.IndexOfAny('{', ' ');
        return end < 0 ? sample.ToString()
            : sample[end] == '{' ? $"{sample[..(end + 1)]}{label}{(sample[end + 1] == '}' ? "" : ",")}{sample[(end + 1)..]}"
            : $"{sample[..end]}{{{label}}}{sample[end..]}";
    }

    private static string Escape(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private sealed record Family(StringBuilder Head, StringBuilder Samples);
}
