using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.State;

namespace MuseWorkbench.Web.Tests.Components;

public sealed class TextFlowTests
{
    private static readonly RegionMark s_mark = new(0, 1, new Region("egg", 0, 0, 1, 1));

    [Fact]
    public void Append_LongText_ClosesPiecesAndKeepsThem()
    {
        var flow = new TextFlow();
        for (var i = 0; i < 100; i++)
        {
            flow.Append("0123456789");
        }

        var closed = Assert.IsType<TextItem>(flow.Items[0]);
        flow.Append("more");

        Assert.Same(closed, flow.Items[0]);
        Assert.All(flow.Items, item => Assert.True(((TextItem)item).Text.Length < 200));
        Assert.Equal(1004, flow.Length);
        Assert.Equal(1004, flow.ToString().Length);
    }

    [Theory]
    [InlineData(0, 3, "I s")]
    [InlineData(6, 3, "egg")]
    [InlineData(12, 4, "more")]
    public void Mark_WordsPresent_SplitsExactlyThem(int start, int length, string words)
    {
        var flow = new TextFlow();
        flow.Append("I see egg, ");
        flow.Append(" more");

        flow.Mark(start, length, s_mark);

        Assert.Equal(words, string.Concat(flow.Items.OfType<TextItem>().Where(item => item.Mark == s_mark).Select(item => item.Text)));
        Assert.Equal("I see egg,  more", flow.ToString());
        Assert.Equal(flow.Items.Count, flow.Items.Select(item => item.Id).Distinct().Count());
    }

    [Fact]
    public void Mark_WordsNotThereYet_AppliesWhenTheyArrive()
    {
        var flow = new TextFlow();
        flow.Append("I see e");
        flow.Mark(6, 3, s_mark);
        Assert.DoesNotContain(flow.Items.OfType<TextItem>(), item => item.Mark is not null);

        flow.Append("gg.");

        Assert.Equal("egg", flow.Items.OfType<TextItem>().Single(item => item.Mark is not null).Text);
    }

    [Fact]
    public void Mark_WordsAcrossPiecesAndACall_MarksEachPart()
    {
        var flow = new TextFlow();
        flow.Append(new string('x', 160));
        flow.Append("yy");
        flow.AddCall("c1", "zoom", "{}");
        flow.Append("zz");

        flow.Mark(158, 6, s_mark);

        Assert.Equal(["xx", "yy", "zz"], flow.Items.OfType<TextItem>().Where(item => item.Mark is not null).Select(item => item.Text));
        Assert.IsType<CallItem>(flow.Items[^2]);
    }

    [Fact]
    public void CompleteCall_UnknownCall_ReturnsFalse()
    {
        var flow = new TextFlow();
        flow.AddCall("c1", "calculator", "{}");

        Assert.False(flow.CompleteCall("c2", "3", isError: false));
        Assert.True(flow.CompleteCall("c1", "3", isError: false));
        Assert.Equal("3", Assert.IsType<CallItem>(flow.Items[0]).Result);
    }
}
