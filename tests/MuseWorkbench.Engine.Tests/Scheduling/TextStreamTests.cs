using System.Text;
using MuseWorkbench.Engine.Scheduling;

namespace MuseWorkbench.Engine.Tests.Scheduling;

public class TextStreamTests
{
    [Theory]
    [InlineData("plain")]
    [InlineData("é 漢字 \U0001F469\u200D\U0001F52C \U0001F34E.")]
    public void Append_OneByteAtATime_GivesWholeCharactersAndAllOfThem(string text)
    {
        var stream = new TextStream([]);
        var parts = Encoding.UTF8.GetBytes(text).Select(b => stream.Append([b])).ToList();
        parts.Add(stream.Finish());

        Assert.Equal(text, string.Concat(parts));
        Assert.All(parts, p => Assert.Equal(p, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(p))));
    }

    [Fact]
    public void Finish_IncompleteCharacter_BecomesTheReplacementCharacter()
    {
        var stream = new TextStream([]);

        Assert.Equal("a", stream.Append([(byte)'a', 0xE6, 0xBC]));
        Assert.Equal("\uFFFD", stream.Finish());
    }

    [Fact]
    public void Append_StopTextMayBeStarting_IsHeldBackUntilItIsNot()
    {
        var stream = new TextStream(["</end>"]);

        Assert.Equal("a ", stream.Append("a </e"u8));
        Assert.Equal("</ex", stream.Append("x"u8));
        Assert.Equal(" b", stream.Append(" b<"u8));
        Assert.Equal("<", stream.Finish());
        Assert.False(stream.Stopped);
    }

    [Fact]
    public void Append_StopText_IsDroppedWithWhatFollows()
    {
        var stream = new TextStream(["###", "\n\n"]);

        Assert.Equal("one", stream.Append("one#"u8));
        Assert.Equal("#", stream.Append("#\n"u8)[..1]);
        Assert.Equal("\n"u8.ToArray(), Encoding.UTF8.GetBytes(stream.Append("\n more ###"u8) + "\n"));
        Assert.True(stream.Stopped);
        Assert.Equal("", stream.Finish());
    }

    [Fact]
    public void Append_OverlappingStarts_FindsTheStopText()
    {
        var stream = new TextStream(["aab"]);

        Assert.Equal("", stream.Append("aa"u8));
        Assert.Equal("a", stream.Append("a"u8));
        Assert.Equal("", stream.Append("b"u8));
        Assert.True(stream.Stopped);
    }

    [Fact]
    public void Append_LongPiece_IsDecodedWhole()
    {
        var text = new string('é', 4000);

        Assert.Equal(text, new TextStream([]).Append(Encoding.UTF8.GetBytes(text)));
    }
}
