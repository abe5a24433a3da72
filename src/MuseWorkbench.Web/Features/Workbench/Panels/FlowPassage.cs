using MuseWorkbench.Web.Features.Workbench.State;
using MuseWorkbench.Web.Shared.Markdown;

namespace MuseWorkbench.Web.Features.Workbench.Panels;

/// <summary>A tool call, or the words between two; <see cref="Text"/> is null where they hold no Markdown.</summary>
internal sealed record FlowPassage(string Key, IReadOnlyList<FlowItem> Items, bool IsAfterCall, string? Text, IReadOnlyList<MarkdownMark> Marks)
{
    public static IEnumerable<FlowPassage> Of(IReadOnlyList<FlowItem> items)
    {
        var count = 0;
        for (var (start, end) = (0, 0); start < items.Count; start = end)
        {
            for (end = start + 1; end < items.Count && items[start] is TextItem && items[end] is TextItem; end++)
            {
            }

            yield return Of([.. items.Skip(start).Take(end - start)], start > 0, count++);
        }
    }

    private static FlowPassage Of(IReadOnlyList<FlowItem> items, bool isAfterCall, int index)
    {
        var words = items.OfType<TextItem>().ToList();
        // Pieces are split while their words stay: only the order of passages is stable.
        var key = $"passage-{index}";
        var text = words.Sum(item => (long)item.Text.Length) <= MarkdownSyntax.MaxLength ? string.Concat(words.Select(item => item.Text)) : "";
        if (!MarkdownSyntax.MayBeIn(text))
        {
            return new(key, items, isAfterCall, null, []);
        }

        var marks = new List<MarkdownMark>();
        var at = 0;
        foreach (var item in words)
        {
            if (item.Mark is { } mark)
            {
                marks.Add(new MarkdownMark(at, item.Text.Length, mark));
            }

            at += item.Text.Length;
        }

        return new(key, items, isAfterCall, text, marks);
    }
}
