using System.Buffers;
using Markdig;
using Markdig.Extensions.EmphasisExtras;
using Markdig.Parsers;
using Markdig.Parsers.Inlines;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace MuseWorkbench.Web.Shared.Markdown;

/// <summary>Reads what a model wrote as Markdown, or says that it is to be shown as written.</summary>
internal static class MarkdownSyntax
{
    /// <summary>Longer texts are shown as written (UTF-16 units).</summary>
    public const int MaxLength = 64 * 1024;
    /// <summary>What is nested deeper is shown as written.</summary>
    public const int MaxDepth = 16;
    /// <summary>A block with more characters that may open something is no prose; reading it could take long.</summary>
    private const int MaxOpeners = 2048;

    private static readonly SearchValues<char> Anywhere = SearchValues.Create("*_`[~<");
    private static readonly SearchValues<char> Openers = SearchValues.Create("*_`[]~<>|!\\");
    private static readonly MarkdownPipeline Pipeline = Build();

    /// <summary>Whether a text may hold Markdown at all: a quick look, so that plain words stay cheap.</summary>
    public static bool MayBeIn(ReadOnlySpan<char> text)
    {
        if (text.Length > MaxLength)
        {
            return false;
        }

        if (text.ContainsAny(Anywhere))
        {
            return true;
        }

        foreach (var line in text.EnumerateLines())
        {
            if (Begins(line.TrimStart()))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The syntax tree, or null for what is too large, too deep or not to be read.</summary>
    public static MarkdownDocument? Parse(string text)
    {
        if (text.Length > MaxLength || CountOpeners(text) > MaxOpeners)
        {
            return null;
        }

        try
        {
            var document = Markdig.Markdown.Parse(text, Pipeline);
            return IsShallow(document, MaxDepth) ? document : null;
        }
        catch (Exception)
        {
            // Whatever goes wrong in the parser, the words must still be shown.
            return null;
        }
    }

    private static MarkdownPipeline Build()
    {
        var builder = new MarkdownPipelineBuilder().UsePreciseSourceLocation().DisableHtml().UsePipeTables().UseEmphasisExtras(EmphasisExtraOptions.Strikethrough);
        // Entities stay as written, and models indent more than they quote code by indenting.
        builder.InlineParsers.TryRemove<HtmlEntityParser>();
        builder.BlockParsers.TryRemove<IndentedCodeBlockParser>();
        // A line under a paragraph must not make it a heading while a list or a table is being written.
        builder.BlockParsers.Find<ParagraphBlockParser>()!.ParseSetextHeadings = false;
        return builder.Build();
    }

    private static bool Begins(ReadOnlySpan<char> line)
    {
        if (line is [])
        {
            return false;
        }

        var digits = line.IndexOfAnyExceptInRange('0', '9');
        return line[0] is '#' or '>' or '-' or '+' or '|' || (digits is > 0 and < 10 && line[digits] is '.' or ')')
            // A table's second line need not begin with its border.
            || (line[0] == ':' && line.Contains('-'));
    }

    private static int CountOpeners(ReadOnlySpan<char> text)
    {
        var count = 0;
        for (int at; (at = text.IndexOfAny(Openers)) >= 0; text = text[(at + 1)..])
        {
            count++;
        }

        return count;
    }

    private static bool IsShallow(MarkdownObject node, int depth) => depth > 0 && node switch
    {
        // Would vanish, being no words; nothing a model says may.
        LinkReferenceDefinitionGroup or LinkReferenceDefinition => false,
        ContainerBlock blocks => blocks.All(block => IsShallow(block, depth - 1)),
        LeafBlock { Inline: { } inline } => IsShallow(inline, depth - 1),
        ContainerInline inlines => inlines.All(inline => IsShallow(inline, depth - 1)),
        _ => true,
    };
}
