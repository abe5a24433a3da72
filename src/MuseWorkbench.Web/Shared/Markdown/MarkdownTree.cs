using System.Globalization;
using Markdig.Extensions.Tables;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using Microsoft.AspNetCore.Components.Rendering;

// The order comes from the text, which grows at its end: counted numbers leave all that was there before as it is.
#pragma warning disable ASP0006

namespace MuseWorkbench.Web.Shared.Markdown;

/// <summary>
/// Builds elements from a syntax tree. Names of elements and attributes are all from here; what the model wrote
/// goes in as text, or as an address that <see cref="MarkdownLink"/> let through.
/// </summary>
internal sealed class MarkdownTree(RenderTreeBuilder builder, string source, IReadOnlyList<MarkdownMark> marks)
{
    private int _sequence;

    public void Add(Block block)
    {
        switch (block)
        {
            case HeadingBlock heading:
                // The page has headings of its own; this one is a line of a text.
                Element("p", heading.Level <= 2 ? "md-h md-h1" : "md-h", () => Add(heading.Inline));
                break;
            case ParagraphBlock { Parent: ListItemBlock or TableCell } tight when Tight(tight):
                Add(tight.Inline);
                break;
            case ParagraphBlock paragraph:
                Element("p", null, () => Add(paragraph.Inline));
                break;
            case ListBlock list:
                Add(list);
                break;
            case QuoteBlock quote:
                Element("blockquote", null, () => AddAll(quote));
                break;
            case Table table:
                Add(table);
                break;
            case CodeBlock code:
                Add(code);
                break;
            case ThematicBreakBlock:
                Element("hr", null, () => { });
                break;
            default:
                Element("p", null, () => Words(source[block.Span.Start..Math.Min(block.Span.End + 1, source.Length)], block.Span));
                break;
        }
    }

    /// <summary>Text as written, words that name a region marked.</summary>
    public void AddPlain() => Element("p", null, () => Words(source.TrimEnd(), 0));

    // A backslash before anything but Markdown's own signs is most often a formula's.
    private static string Written(LiteralInline literal)
    {
        var words = literal.Content.ToString();
        return literal.IsFirstCharacterEscaped && words is [not ('*' or '_' or '`' or '~' or '#' or '|' or '+' or '-' or '.' or '>'), ..] ? $@"\{words}" : words;
    }

    private static bool Tight(ParagraphBlock paragraph) => paragraph.Parent is TableCell || paragraph.Parent?.Parent is ListBlock { IsLoose: false };

    private void AddAll(ContainerBlock container)
    {
        foreach (var block in container)
        {
            Add(block);
        }
    }

    private void Add(ListBlock list)
    {
        builder.OpenElement(_sequence++, list.IsOrdered ? "ol" : "ul");
        if (list.IsOrdered && int.TryParse(list.OrderedStart, NumberStyles.None, CultureInfo.InvariantCulture, out var start) && start != 1)
        {
            builder.AddAttribute(_sequence++, "start", start);
        }

        foreach (var item in list.OfType<ListItemBlock>())
        {
            Element("li", null, () => AddAll(item));
        }

        builder.CloseElement();
    }

    private void Add(Table table) => Element("div", "md-table", () => Element("table", null, () =>
    {
        foreach (var row in table.OfType<TableRow>())
        {
            Element("tr", null, () =>
            {
                foreach (var cell in row.OfType<TableCell>())
                {
                    Element(row.IsHeader ? "th" : "td", null, () => AddAll(cell));
                }
            });
        }
    }));

    private void Add(CodeBlock code) => Element("pre", null, () => Element("code", null, () =>
    {
        var at = code.Span.Start;
        // The fence's first line is none of the code, though it may say the same.
        at = source.IndexOf('\n', at) is var end and >= 0 ? end + 1 : at;
        for (var i = 0; i < code.Lines.Count; i++)
        {
            var line = code.Lines.Lines[i].Slice.ToString();
            at = Words(line, new SourceSpan(at, code.Span.End));
            builder.AddContent(_sequence++, i < code.Lines.Count - 1 ? "\n" : "");
        }
    }));

    private void Add(ContainerInline? inlines)
    {
        for (var inline = inlines?.FirstChild; inline is not null; inline = inline.NextSibling)
        {
            Add(inline);
        }
    }

    private void Add(Inline inline)
    {
        switch (inline)
        {
            case LiteralInline literal:
                Words(Written(literal), literal.Span);
                break;
            case LineBreakInline:
                builder.AddContent(_sequence++, "\n");
                break;
            case CodeInline code:
                Element("code", null, () => Words(code.Content, code.Span));
                break;
            case EmphasisInline emphasis:
                Element(emphasis.DelimiterChar == '~' ? "del" : emphasis.DelimiterCount == 2 ? "strong" : "em", null, () => Add((ContainerInline)emphasis));
                break;
            case LinkInline { IsImage: true } image:
                Add((ContainerInline)image);
                builder.AddContent(_sequence++, $" ({image.Url})");
                break;
            case LinkInline link when MarkdownLink.Safe(link.Url) is { } address:
                Link(address, () => Add((ContainerInline)link));
                break;
            case AutolinkInline auto when MarkdownLink.Safe(auto.IsEmail ? $"mailto:{auto.Url}" : auto.Url) is { } address:
                Link(address, () => Words(auto.Url, auto.Span));
                break;
            case DelimiterInline open:
                // Never closed: a sign like any other.
                Words(open.ToLiteral(), open.Span);
                Add((ContainerInline)open);
                break;
            case ContainerInline container and not LinkInline:
                Add(container);
                break;
            default:
                Words(source[inline.Span.Start..Math.Min(inline.Span.End + 1, source.Length)], inline.Span);
                break;
        }
    }

    private void Link(string address, Action content)
    {
        builder.OpenElement(_sequence++, "a");
        builder.AddAttribute(_sequence++, "href", address);
        builder.AddAttribute(_sequence++, "target", "_blank");
        builder.AddAttribute(_sequence++, "rel", "noopener noreferrer nofollow");
        content();
        builder.CloseElement();
    }

    private void Element(string name, string? css, Action content)
    {
        builder.OpenElement(_sequence++, name);
        if (css is not null)
        {
            builder.AddAttribute(_sequence++, "class", css);
        }

        content();
        builder.CloseElement();
    }

    // Where in the source they stand is looked up: escapes and trimmed spaces shift what the span says. Returns where they end.
    private int Words(string words, SourceSpan span)
    {
        var from = Math.Clamp(span.Start, 0, source.Length);
        var at = words.Length == 0 ? -1 : source.IndexOf(words, from, Math.Clamp(span.End + 1 - from, 0, source.Length - from), StringComparison.Ordinal);
        if (at < 0)
        {
            builder.AddContent(_sequence++, words);
            return from;
        }

        Words(words, at);
        return at + words.Length;
    }

    private void Words(string words, int at)
    {
        var done = 0;
        foreach (var mark in marks)
        {
            var from = Math.Max(mark.Start - at, done);
            var to = Math.Min(mark.End - at, words.Length);
            if (from >= to)
            {
                continue;
            }

            if (from > done)
            {
                builder.AddContent(_sequence++, words[done..from]);
            }

            builder.OpenElement(_sequence++, "span");
            builder.AddAttribute(_sequence++, "class", $"rg {mark.Mark.Colour}");
            builder.AddAttribute(_sequence++, "data-agent", mark.Mark.Agent);
            builder.AddAttribute(_sequence++, "data-region", mark.Mark.Key);
            builder.AddContent(_sequence++, words[from..to]);
            builder.CloseElement();
            done = to;
        }

        if (done < words.Length)
        {
            builder.AddContent(_sequence++, words[done..]);
        }
    }
}
