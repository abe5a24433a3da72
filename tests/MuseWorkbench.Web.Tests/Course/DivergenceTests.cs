using MuseWorkbench.Web.Features.Workbench.Course;

namespace MuseWorkbench.Web.Tests.Course;

public sealed class DivergenceTests
{
    [Fact]
    public void Between_SameWords_Null() =>
        Assert.Null(Divergence.Between("I see an egg.  It is white.", "I see an egg. It is white."));

    [Fact]
    public void Between_SecondSentenceDiffers_TellsWhereAndHowBothGoOn()
    {
        var parts = Divergence.Between("I see an egg. There are 3 eggs.", "I see an egg. There are 2 eggs. Done.")!;

        Assert.Equal(new Divergence(2, "There are", "3 eggs.", "2 eggs.", 6), parts);
    }

    [Theory]
    [InlineData("I see an egg.", "I see an egg. And a lid.", 2, "", "And a lid.")]
    [InlineData("", "An egg.", 1, "", "An egg.")]
    [InlineData("egg; lid", "egg; tin", 2, "lid", "tin")]
    public void Between_OneEndsOrAnItemDiffers_TheRestStandsAgainstIt(string mine, string theirs, int sentence, string own, string other)
    {
        var parts = Divergence.Between(mine, theirs)!;

        Assert.Equal((sentence, own, other), (parts.Sentence, parts.Mine, parts.Theirs));
    }
}
