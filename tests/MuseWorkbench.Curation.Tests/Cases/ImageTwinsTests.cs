using MuseWorkbench.Core;
using MuseWorkbench.Curation.Cases;

namespace MuseWorkbench.Curation.Tests.Cases;

public class ImageTwinsTests
{
    [Fact]
    public void Find_SameFile_IsAnExactTwin()
    {
        var twin = Assert.Single(ImageTwins.Find([new("old", "a", null)], [new("new", "a", null)]));

        Assert.Equal(("new", "old", true), (twin.CaseId, twin.OtherCaseId, twin.IsExact));
    }

    [Fact]
    public void Find_SameCaseSavedAgain_IsNoTwin() =>
        Assert.Empty(ImageTwins.Find([new("one", "a", 5)], [new("one", "a", 5), new("one", "b", 5)]));

    [Theory]
    [InlineData(0b0UL, 0)]
    [InlineData(0b111111UL, 6)]
    public void Find_FewBitsDiffer_IsANearTwinAtThatDistance(ulong print, int distance) =>
        Assert.Equal(distance, Assert.Single(ImageTwins.Find([new("old", "a", 0)], [new("new", "b", print)])).Distance);

    [Fact]
    public void Find_SevenBitsDiffer_IsNone() => Assert.Empty(ImageTwins.Find([new("old", "a", 0)], [new("new", "b", 0b1111111)]));

    [Fact]
    public void Find_TwoNearOnes_GivesTheNearer() =>
        Assert.Equal("nearer", Assert.Single(ImageTwins.Find([new("near", "a", 0b111), new("nearer", "b", 0b1)], [new("new", "c", 0)])).OtherCaseId);

    [Fact]
    public void Find_TwinsAmongTheNew_AreFoundToo() => Assert.Single(ImageTwins.Find([], [new("one", "a", 7), new("two", "b", 7)]));

    [Fact]
    public void Find_NoPrint_ComparesFilesAlone() => Assert.Empty(ImageTwins.Find([new("old", "a", null)], [new("new", "b", 0)]));
}
