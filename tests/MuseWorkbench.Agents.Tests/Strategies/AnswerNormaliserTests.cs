using System.Collections.Immutable;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tests.Strategies;

public class AnswerNormaliserTests
{
    [Theory]
    [InlineData("3", "3")]
    [InlineData(" Three. ", "3")]
    [InlineData("**3**", "3")]
    [InlineData("3.0", "3")]
    [InlineData("The answer is: 3.", "3")]
    [InlineData("Final answer: 3", "3")]
    [InlineData("so the answer is \\boxed{3}", "3")]
    [InlineData("200 kcal", "200 kcal")]
    [InlineData("200kcal", "200 kcal")]
    [InlineData("200 Calories.", "200 kcal")]
    [InlineData("1,234 kcal", "1234 kcal")]
    [InlineData("12,345,678", "12345678")]
    [InlineData("45 percent", "45 %")]
    [InlineData("45%", "45 %")]
    [InlineData("The  Apple", "apple")]
    [InlineData("a", "a")]
    [InlineData("two apples", "2 apples")]
    [InlineData("2 apples, 1 egg", "1 egg, 2 apples")]
    [InlineData("1 egg and two apples.", "1 egg, 2 apples")]
    [InlineData("3, 4", "3, 4")]
    [InlineData("left, then right", "left, then right")]
    [InlineData("", "")]
    [InlineData("  ", "")]
    public void Normalise_Text_VotingForm(string answer, string expected) =>
        Assert.Equal(expected, AnswerNormaliser.Normalise(answer, []));

    [Theory]
    [InlineData("3", "3 apples")]
    [InlineData("3, 4", "4, 3")]
    [InlineData("1 egg", "1 apple")]
    [InlineData("-3", "3")]
    [InlineData("twenty-one", "20")]
    public void Normalise_DifferentMeaning_StaysDifferent(string one, string other) =>
        Assert.NotEqual(AnswerNormaliser.Normalise(one, []), AnswerNormaliser.Normalise(other, []));

    [Fact]
    public void Normalise_Boxes_CountedByLabel()
    {
        ImmutableArray<Region> regions = [new("Banana", 0, 0, 1, 1), new("egg", 0, 0, .5, .5), new("banana", .1, .1, .2, .2)];

        Assert.Equal("2 banana, 1 egg", AnswerNormaliser.Normalise("banana ; egg ; banana", regions));
        Assert.Equal("1 region", AnswerNormaliser.Normalise("", [new Region("", 0, 0, 1, 1)]));
    }
}
