using MuseWorkbench.Web.Features.Workbench.Course;

namespace MuseWorkbench.Web.Tests.Course;

public sealed class DiffPieceTests
{
    [Fact]
    public void Between_OneWordChanged_OnlyItIsMarked() =>
        Assert.Equal(
            [new DiffPiece(DiffKind.Same, "I see "), new DiffPiece(DiffKind.Removed, "two"), new DiffPiece(DiffKind.Added, "three"), new DiffPiece(DiffKind.Same, " eggs.")],
            DiffPiece.Between("I see two eggs.", "I see three eggs."));

    [Theory]
    [InlineData("", "")]
    [InlineData("", "new words")]
    [InlineData("old words", "")]
    [InlineData("a  b\n\nc, d; <b>e</b> 🥚 x'y", "b a\n\nd, c! <i>e</i> 🥚🥚 x'y")]
    public void Between_Any_BothTextsComeBackWhole(string before, string after)
    {
        var pieces = DiffPiece.Between(before, after);

        Assert.Equal(before, string.Concat(pieces.Where(piece => piece.Kind != DiffKind.Added).Select(piece => piece.Text)));
        Assert.Equal(after, string.Concat(pieces.Where(piece => piece.Kind != DiffKind.Removed).Select(piece => piece.Text)));
    }
}
