using MuseWorkbench.Core;
using MuseWorkbench.Curation.Cases;

namespace MuseWorkbench.Curation.Tests.Cases;

public class TwinChoicesTests
{
    private static readonly IReadOnlySet<string> s_there = new HashSet<string> { "old" };

    [Fact]
    public void Apply_NothingChosen_KeepsAll() =>
        Assert.Equal(["a", "b"], Ids(TwinChoices.Apply([Named("a"), Named("b")], [Twin("a", "old")], s_there, new Dictionary<string, TwinChoice>())));

    [Fact]
    public void Apply_KeepOld_LeavesTheNewOut() =>
        Assert.Equal(["b"], Ids(TwinChoices.Apply([Named("a"), Named("b")], [Twin("a", "old")], s_there, Choose(("a", TwinChoice.KeepOld)))));

    [Fact]
    public void Apply_Replace_TakesTheOthersId()
    {
        var kept = Assert.Single(TwinChoices.Apply([Named("a")], [Twin("a", "old")], s_there, Choose(("a", TwinChoice.Replace))));

        Assert.Equal(("old", "About a"), (kept.Id, kept.Prompt));
    }

    [Fact]
    public void Apply_TwoReplaceOne_FirstTakesItsPlaceAndTheOtherStaysBeside() =>
        Assert.Equal(["old", "b"], Ids(TwinChoices.Apply(
            [Named("a"), Named("b")], [Twin("a", "old"), Twin("b", "old")], s_there, Choose(("a", TwinChoice.Replace), ("b", TwinChoice.Replace)))));

    [Fact]
    public void Apply_ReplaceOneOfTheSameFile_LeavesThatOut() =>
        Assert.Equal(["b"], Ids(TwinChoices.Apply([Named("a"), Named("b")], [Twin("b", "a")], s_there, Choose(("b", TwinChoice.Replace)))));

    private static Case Named(string id) => new() { Id = id, Prompt = $"About {id}" };

    private static ImageTwin Twin(string id, string other) => new(id, other, new('a', 64), new('b', 64), 3);

    private static Dictionary<string, TwinChoice> Choose(params (string Id, TwinChoice Choice)[] choices) => choices.ToDictionary(c => c.Id, c => c.Choice);

    private static IEnumerable<string> Ids(IEnumerable<Case> cases) => cases.Select(@case => @case.Id);
}
