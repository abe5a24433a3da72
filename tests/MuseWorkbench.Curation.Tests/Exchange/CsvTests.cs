using MuseWorkbench.Curation.Exchange;

namespace MuseWorkbench.Curation.Tests.Exchange;

public class CsvTests
{
    [Theory]
    [InlineData("a,b\r\n1,2\r\n", "a|b/1|2")]
    [InlineData("a,b\n1,", "a|b/1|")]
    [InlineData("a,b\n1,\n", "a|b/1|")]
    [InlineData(",\n", "|")]
    [InlineData("\"a\"\"b\",\"c\nd\"", "a\"b|c\nd")]
    [InlineData("\uFEFFa\n\n\nb", "a/b")]
    [InlineData("", "")]
    public void TryRead_Csv_GivesRows(string text, string expected)
    {
        Assert.Null(Csv.TryRead(text, out var rows));

        Assert.Equal(expected, string.Join('/', rows.Select(row => string.Join('|', row))));
    }

    [Theory]
    [InlineData("a\n\"b", "the quotation mark in line 2 is never closed.")]
    [InlineData("a\n\"b\nc\" d", "line 3 goes on after a closing quotation mark.")]
    [InlineData("a\"b", "line 1 holds a quotation mark inside a field that does not begin with one.")]
    public void TryRead_Torn_SaysWhere(string text, string expected) => Assert.Equal(expected, Csv.TryRead(text, out _));

    [Fact]
    public void Write_AnyText_ReadsBack()
    {
        string[][] rows = [["a", "", " b "], ["x,y", "\"q\"", "one\ntwo\r"]];

        Assert.Null(Csv.TryRead(Csv.Write(rows), out var read));
        Assert.Equal(rows, read);
    }
}
