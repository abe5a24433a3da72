using AngleSharp.Dom;
using Bunit;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.Panels;
using MuseWorkbench.Web.Shared.Markdown;

namespace MuseWorkbench.Web.Tests.Components;

public sealed class MarkdownTextTests : WorkbenchBunit
{
    [Fact]
    public void Text_EmphasisAndCode_BecomeElements()
    {
        var text = Show("a **b** *c* ~~d~~ `e*f*`");

        Assert.Equal("a b c d e*f*", text.TextContent.Trim());
        Assert.Equal("b", text.QuerySelector("strong")!.TextContent);
        Assert.Equal("c", text.QuerySelector("em")!.TextContent);
        Assert.Equal("d", text.QuerySelector("del")!.TextContent);
        Assert.Equal("e*f*", text.QuerySelector("code")!.TextContent);
    }

    [Fact]
    public void Text_Heading_IsALineOfTheText()
    {
        var text = Show("# Eggs\nthree");

        Assert.Empty(text.QuerySelectorAll("h1, h2, h3"));
        Assert.Equal("Eggs", text.QuerySelector("p.md-h")!.TextContent);
    }

    [Fact]
    public void Text_Lists_KeepOrderAndStart()
    {
        var text = Show("3. c\n4. d\n\n- a\n  - b");

        Assert.Equal("3", text.QuerySelector("ol")!.GetAttribute("start"));
        Assert.Equal(["c", "d"], text.QuerySelectorAll("ol > li").Select(item => item.TextContent));
        Assert.Equal("b", text.QuerySelector("ul ul > li")!.TextContent);
    }

    [Fact]
    public void Text_Table_ScrollsInItsOwnBox()
    {
        var text = Show("| Food | kcal |\n|---|---:|\n| egg | **78** |");

        Assert.Equal(["Food", "kcal"], text.QuerySelectorAll(".md-table > table th").Select(cell => cell.TextContent));
        Assert.Equal(["egg", "78"], text.QuerySelectorAll("td").Select(cell => cell.TextContent));
    }

    [Theory]
    [InlineData("```py\na = 1\n\nb = '**2**'\n```")]
    [InlineData("```py\na = 1\n\nb = '**2**'")]
    public void Text_FencedCode_StandsAsWrittenThoughUnfinished(string markdown) =>
        Assert.Equal("a = 1\n\nb = '**2**'", Show(markdown).QuerySelector("pre > code")!.TextContent);

    [Theory]
    [InlineData("https://example.org/a", "https://example.org/a")]
    [InlineData("http://example.org/", "http://example.org/")]
    [InlineData("mailto:a@example.org", "mailto:a@example.org")]
    public void Link_SafeScheme_OpensElsewhereWithoutAReferrer(string address, string href)
    {
        var link = Show($"[x]({address})").QuerySelector("a")!;

        Assert.Equal(href, link.GetAttribute("href"));
        Assert.Equal("_blank", link.GetAttribute("target"));
        Assert.Equal("noopener noreferrer nofollow", link.GetAttribute("rel"));
    }

    [Theory]
    [InlineData("[x](javascript:pwn())")]
    [InlineData("[x](JaVaScRiPt:pwn())")]
    [InlineData("[x](&#x6A;avascript:pwn())")]
    [InlineData("[x](javascript&colon;pwn())")]
    [InlineData("[x](java&Tab;script:pwn())")]
    [InlineData("[x](\u0001javascript:pwn())")]
    [InlineData("[x](\u000bjavascript:pwn())")]
    [InlineData("[x](<java\tscript:pwn()>)")]
    [InlineData("[x](data:text/html,pwn)")]
    [InlineData("[x](vbscript:pwn())")]
    [InlineData("[x](file:///etc/passwd)")]
    [InlineData("[x](blob:null/1)")]
    [InlineData("[x](/runs)")]
    [InlineData("[x](runs)")]
    [InlineData("[x](//example.org)")]
    [InlineData("[x](#a)")]
    [InlineData("<javascript:pwn()>")]
    [InlineData("[x]: javascript:pwn()")]
    [InlineData("[x][y]\n[y]: javascript:pwn()")]
    public void Link_OtherScheme_IsTextAsWritten(string markdown)
    {
        var text = Show(markdown);

        Assert.Empty(text.QuerySelectorAll("a, [href]"));
        Assert.Equal(markdown, text.TextContent.Trim());
    }

    [Theory]
    [InlineData("<script>pwn()</script>")]
    [InlineData("<img src=x onerror=pwn()>")]
    [InlineData("a <b onclick=pwn()>c</b> &lt;i&gt;")]
    [InlineData("<!-- [c] --> <![CDATA[x]]>")]
    public void Text_RawHtml_IsTextAsWritten(string html)
    {
        var text = Show(html);

        Assert.Equal(html, text.TextContent.Trim());
        Assert.Equal("P", Assert.Single(text.QuerySelectorAll("*")).TagName);
    }

    [Fact]
    public void Image_Any_IsItsWordsAndAddress()
    {
        var text = Show("![two **eggs**](https://example.org/x.png) [![y](z)](https://example.org/)");

        Assert.Empty(text.QuerySelectorAll("img, [src], [style]"));
        Assert.Equal("two eggs (https://example.org/x.png) y (z)", text.TextContent.Trim());
    }

    [Theory]
    [InlineData("two **eggs and")]
    [InlineData("a `code and")]
    [InlineData("see [x](https://exam")]
    [InlineData(@"so \(x_1 = 2\) and \[y\]")]
    public void Text_NotClosed_StandsAsWritten(string markdown) => Assert.Equal(markdown, Show(markdown).TextContent.Trim());

    [Theory]
    [InlineData("*")]
    [InlineData("[")]
    [InlineData(">")]
    [InlineData("1. ")]
    [InlineData("![](")]
    [InlineData("*a _b ")]
    [InlineData("| ")]
    [InlineData("`")]
    public void Text_HostileNesting_StandsAsWritten(string piece)
    {
        foreach (var length in (int[])[1 << 20, 60_000, 5_000])
        {
            var hostile = string.Concat(Enumerable.Repeat(piece, length / piece.Length));

            var text = Show(hostile);

            Assert.Equal(hostile.Trim(), text.TextContent.Trim());
            Assert.Equal("P", Assert.Single(text.QuerySelectorAll("*")).TagName);
        }
    }

    // As much as is still read: the parser must neither take the stack with it nor lose a sign.
    [Theory]
    [InlineData("[", 2040)]
    [InlineData(">", 2040)]
    [InlineData("![", 1020)]
    [InlineData("*a _b ", 1020)]
    [InlineData("a | ", 2040)]
    [InlineData("1. ", 2040)]
    public void Text_HostileNestingBelowTheLimit_StandsAsWritten(string piece, int count)
    {
        var hostile = string.Concat(Enumerable.Repeat(piece, count));

        Assert.Equal(hostile.Trim(), Show(hostile).TextContent.Trim());
    }

    [Fact]
    public void Text_Grows_EqualsTheWholeReadAtOnce()
    {
        const string Whole = "# A\n\nb **c**\n\n- d\n\n  e\n- f\n\n```\ng\n\nh\n```\n\n| i | j |\n|---|---|\n| k | l |";
        var text = Render<MarkdownText>(p => p.Add(x => x.Text, ""));

        for (var i = 1; i <= Whole.Length; i++)
        {
            text.Render(p => p.Add(x => x.Text, Whole[..i]));
        }

        Assert.Equal(Show(Whole).OuterHtml, text.Find(".md").OuterHtml);
    }

    [Fact]
    public void Panel_RegionWithinBold_KeepsItsMark()
    {
        var script = new RunScript(1).Think(0, "Here are **two grapes** and\n\n- `an egg`").See(0, 1, "grapes", 15).See(0, 2, "egg", 35);

        var think = Render<AgentPanel>(p => p.Add(x => x.Agent, script.View.Agents[0])).Find(".think");

        var words = think.QuerySelector("strong > span.rg[data-region='0-1']")!;
        Assert.Equal("grapes", words.TextContent);
        Assert.Equal("0", words.GetAttribute("data-agent"));
        Assert.Contains("ag1", words.ClassList);
        Assert.Equal("egg", think.QuerySelector("li > code > [data-region='0-2']")!.TextContent);
        Assert.Equal("two grapes", think.QuerySelector("strong")!.TextContent);
    }

    [Fact]
    public void Panel_PlainWords_AreSpansAsBefore()
    {
        var script = new RunScript(1).Think(0, "I see 3 eggs - or 4.\nNo more!").See(0, 1, "eggs", 8);

        var think = Render<AgentPanel>(p => p.Add(x => x.Agent, script.View.Agents[0])).Find(".think");

        Assert.Equal("I see 3 eggs - or 4.\nNo more!", think.TextContent.Trim());
        Assert.Equal(["I see 3 ", "eggs", " - or 4.\nNo more!"], think.QuerySelectorAll(":scope > span:not(.caret)").Select(span => span.TextContent));
        Assert.Empty(think.QuerySelectorAll(".md"));
    }

    [Fact]
    public void Card_AnswerWithMarkdown_ShowsIt()
    {
        var script = new RunScript(1).Answer(0, "**3** eggs").Final(FinalOutcome.Majority, "**3** eggs", 1, ("3", [0])).Finish();

        var answer = Render<FinalCard>(p => p.Add(x => x.Run, script.View)).Find(".answer");

        Assert.Equal("3", answer.QuerySelector("strong")!.TextContent);
        Assert.Equal("3 eggs", answer.TextContent.Trim());
    }

    private IElement Show(string markdown) => Render<MarkdownText>(p => p.Add(x => x.Text, markdown)).Find(".md");
}
