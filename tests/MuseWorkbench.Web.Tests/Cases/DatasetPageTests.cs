using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Cases.Browse;

namespace MuseWorkbench.Web.Tests.Cases;

public sealed class DatasetPageTests : CaseBunit
{
    private NavigationManager Navigation => Services.GetRequiredService<NavigationManager>();

    [Fact]
    public async Task Empty_SaysWhatToDo()
    {
        var page = Show(await MakeAsync(0));

        Assert.Contains("No cases in here yet", page.Find(".empty").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_SaysSo() => Assert.Contains("This dataset is not here", Show(Guid.NewGuid()).Markup, StringComparison.Ordinal);

    [Theory]
    [InlineData("", ".tile")]
    [InlineData("?view=table", "tr[data-index]")]
    public async Task Cases_BothViews_ShowThemInOrder(string query, string item)
    {
        var page = Show(await MakeAsync(7), query);

        Assert.Equal(Enumerable.Range(0, 7).Select(i => $"c{i}"), page.FindAll(item).Select(tile => tile.GetAttribute("data-case")));
        Assert.Equal("7 cases", page.Find("[data-total]").TextContent);
    }

    [Fact]
    public async Task Filters_InTheAddress_LimitWhatIsShown()
    {
        var dataset = await MakeAsync(6, (c, i) => c with { Tags = i % 2 == 0 ? ["even"] : [], Split = i < 3 ? "train" : "test" });
        var page = Show(dataset, "?tag=even&split=train");

        Assert.Equal(["c0", "c2"], page.FindAll(".tile").Select(tile => tile.GetAttribute("data-case")));
        page.Find("[data-search]").Change("Question 2");
        Assert.EndsWith($"cases/{dataset}?q=Question%202&tag=even&split=train", Navigation.Uri, StringComparison.Ordinal);
        page.WaitForAssertion(() => Assert.Single(page.FindAll(".tile")), Limit);
        page.Find("[data-search]").Change("nothing of the kind");
        page.WaitForAssertion(() => Assert.Contains("No case matches", page.Markup, StringComparison.Ordinal), Limit);
    }

    [Fact]
    public async Task Select_WithShift_TakesAllBetween()
    {
        var page = Show(await MakeAsync(8));
        Tick(page, 1);
        Tick(page, 5, shift: true);

        Assert.Equal("5 selected", page.Find("[data-selected]").TextContent);
        Assert.Equal(["c1", "c2", "c3", "c4", "c5"], page.FindAll(".tile.on").Select(tile => tile.GetAttribute("data-case")));
        page.Find("[data-clear-selection]").Click();
        Assert.Empty(page.FindAll(".bulk"));
    }

    [Fact]
    public async Task Bulk_TagOnAllMatching_ReachesThoseNotShownToo()
    {
        var dataset = await MakeAsync(1203);
        var page = Show(dataset);
        Tick(page, 0);
        page.Find("[data-select-all]").Click();
        Tick(page, 2); // all but this
        Assert.Equal("1,202 selected", page.Find("[data-selected]").TextContent);
        page.Find("[data-word]").Input("hard");
        page.Find(".bulk form").Submit();

        page.WaitForAssertion(() => Assert.Contains("1,202 cases changed.", page.Markup, StringComparison.Ordinal), Limit);
        Assert.Equal(1202, (await Store.QueryAsync(dataset, new CaseQuery { Tag = "hard" }, Test)).Total);
        Assert.Empty((await Store.GetAsync(dataset, "c2", cancellationToken: Test))!.Tags);
    }

    [Fact]
    public async Task Bulk_TagThatIsTooMuch_LeavesThoseAsTheyWereAndSaysWhy()
    {
        var dataset = await MakeAsync(2, (c, i) => i == 0 ? c with { Tags = [.. Enumerable.Range(10, 20).Select(n => $"t{n}")] } : c);
        var page = Show(dataset);
        Tick(page, 0);
        page.Find("[data-select-all]").Click();
        page.Find("[data-word]").Input("hard");
        page.Find(".bulk form").Submit();

        page.WaitForAssertion(() => Assert.Contains("1 case stayed as they were: 21 tags are too many", page.Find(".said.bad").TextContent, StringComparison.Ordinal), Limit);
        Assert.Equal(["hard"], (await Store.GetAsync(dataset, "c1", cancellationToken: Test))!.Tags);
    }

    [Fact]
    public async Task Bulk_Delete_OnlyAfterConfirming()
    {
        var dataset = await MakeAsync(3);
        var page = Show(dataset);
        Tick(page, 1);
        page.Find("[data-delete]").Click();
        page.Find("[data-delete-sure]").Click();

        page.WaitForAssertion(() => Assert.Equal(["c0", "c2"], page.FindAll(".tile").Select(tile => tile.GetAttribute("data-case"))), Limit);
        Assert.Null(await Store.GetAsync(dataset, "c1", cancellationToken: Test));
    }

    [Fact]
    public async Task Publish_WithNote_MakesAVersionThatIsReadOnly()
    {
        var dataset = await MakeAsync(2);
        var page = Show(dataset);
        page.Find("[data-publish]").Click();
        page.Find("#publish-note").Input("As measured");
        page.Find("#publish form").Submit();

        Assert.Empty(page.FindAll("[data-publish]"));
        Assert.Equal("As measured", (await Store.FindAsync(dataset, Test))!.Versions.Single().Note);
        page.Find("[data-version-number='1']").Click();
        page.WaitForAssertion(() => Assert.Contains("read only", page.Markup, StringComparison.Ordinal), Limit);
        Assert.Empty(page.FindAll("[data-new-case], .tile > input"));
    }

    [Fact]
    public async Task Discard_AfterConfirming_DraftIsTheLastVersionAgain()
    {
        var dataset = await MakeAsync(2);
        await Store.PublishAsync(dataset, "", Test);
        await Store.RemoveAsync(dataset, ["c0"], Test);
        var page = Show(dataset);
        page.Find("[data-discard]").Click();
        page.Find("[data-discard-sure]").Click();

        Assert.Equal(2, page.FindAll(".tile").Count);
    }

    [Fact]
    public async Task Compare_TwoVersions_NamesWhatDiffers()
    {
        var dataset = await MakeAsync(3);
        await Store.PublishAsync(dataset, "", Test);
        await Store.SaveAsync(dataset, new CaseBatch([Named("c0", "Question 0, again"), Named("new")]), Test);
        await Store.RemoveAsync(dataset, ["c1"], Test);
        Navigation.NavigateTo(CaseListAddress.Compare(dataset, 1, null));
        var page = Render<DatasetComparePage>(p => p.Add(x => x.DatasetId, dataset));

        Assert.Equal("+1 added −1 removed 1 changed", string.Join(' ', page.Find("[data-counts]").TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal("prompt", page.Find("[data-changed=c0] .chip").TextContent);
        Assert.Contains("new", page.Find("[aria-label=Added]").TextContent, StringComparison.Ordinal);
        Assert.Contains("c1", page.Find("[aria-label=Removed]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Case_HostileText_StaysText()
    {
        var dataset = await MakeAsync(1, (c, _) => c with { Prompt = "<script>alert(1)</script>", Tags = ["<b>"], Expected = "<img src=x>" });
        var page = Show(dataset);

        Assert.Empty(page.FindAll(".tile script, .tile b, .tile img[src=x]"));
        Assert.Contains("<script>alert(1)</script>", page.Find(".tile .q").TextContent, StringComparison.Ordinal);
    }

    private static void Tick(IRenderedComponent<DatasetPage> page, int index, bool shift = false) =>
        page.Find($"[data-index='{index}'] > input").Click(new MouseEventArgs { ShiftKey = shift });

    private IRenderedComponent<DatasetPage> Show(Guid dataset, string query = "")
    {
        Navigation.NavigateTo($"cases/{dataset}{query}");
        return Render<DatasetPage>(p => p.Add(x => x.DatasetId, dataset));
    }
}
