using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Cases.Browse;

namespace MuseWorkbench.Web.Tests.Cases;

public sealed class CaseListTests
{
    [Fact]
    public void Address_WrittenAndRead_IsTheSame()
    {
        var state = new CaseListState(new CaseQuery { Search = "two eggs & more", Tag = "a:b", Split = "test", Version = 3 }, IsTable: true, At: 57);
        var address = CaseListAddress.List(Guid.Empty, state);

        Assert.Equal(state, CaseListAddress.Read(new Uri($"http://localhost/{address}")));
    }

    [Theory]
    [InlineData("v=0")]
    [InlineData("v=-1&at=x")]
    [InlineData("v=99999999999")]
    public void Address_Nonsense_IsTheWholeDraft(string query) =>
        Assert.Equal(CaseListState.Empty, CaseListAddress.Read(new Uri($"http://localhost/cases/x?{query}")));

    [Theory]
    [InlineData("a/b c?#&.png")]
    [InlineData("..")]
    public void Case_AnyId_StandsWholeInTheAddress(string id)
    {
        var address = new Uri($"http://localhost/{CaseListAddress.Case(Guid.Empty, CaseListState.Empty, id, 4)}");

        Assert.Equal(id, Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(address.Query)["id"]);
        Assert.Equal("/cases/00000000-0000-0000-0000-000000000000/case", address.AbsolutePath);
    }

    [Fact]
    public void Selection_AllButSome_CountsWhatMatches()
    {
        var selection = new CaseSelection();
        selection.SelectAll();
        selection.Set(["a", "b"], selected: false);

        Assert.Equal((98, false, true), (selection.Count(100), selection.Contains("a"), selection.Contains("z")));
        selection.Set(["a"], selected: true);
        Assert.Equal(99, selection.Count(100));
        selection.Clear();
        Assert.Equal((0, false), (selection.Count(100), selection.Contains("z")));
    }
}
