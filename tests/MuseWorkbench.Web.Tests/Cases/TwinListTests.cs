using Bunit;
using MuseWorkbench.Curation.Cases;
using MuseWorkbench.Web.Features.Cases.Exchange;
using MuseWorkbench.Web.Tests.Components;

namespace MuseWorkbench.Web.Tests.Cases;

public sealed class TwinListTests : WorkbenchBunit
{
    private readonly Dictionary<string, TwinChoice> _choices = [];

    [Fact]
    public void Twins_OneByOneAndAll_AreDecided()
    {
        var list = Render<TwinList>(p => p.Add(x => x.Twins, [Twin("a", null), Twin("b", 3)]).Add(x => x.Choices, _choices));
        Assert.Equal([TwinChoice.KeepBoth, TwinChoice.KeepBoth], _choices.Values);
        Assert.Contains("same file", list.Find("[data-twin=a]").TextContent, StringComparison.Ordinal);
        Assert.Contains("3 of 64 bits", list.Find("[data-twin=b]").TextContent, StringComparison.Ordinal);
        list.Find("[data-all=KeepOld]").Click();
        list.FindAll("[data-twin=b] .seg button")[2].Click();

        Assert.Equal((TwinChoice.KeepOld, TwinChoice.Replace), (_choices["a"], _choices["b"]));
    }

    [Fact]
    public void Twins_Many_FirstHundredAreShownAndAllAreDecided()
    {
        var list = Render<TwinList>(p => p.Add(x => x.Twins, [.. Enumerable.Range(0, 250).Select(i => Twin($"n{i}", 1))]).Add(x => x.Choices, _choices));
        list.Find("[data-all=KeepOld]").Click();

        Assert.Equal((100, 250), (list.FindAll("li").Count, _choices.Count(choice => choice.Value == TwinChoice.KeepOld)));
        Assert.Contains("150 more", list.Markup, StringComparison.Ordinal);
    }

    private static ImageTwin Twin(string id, int? distance) => new(id, "old", new string('a', 64), new string('b', 64), distance);
}
