using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Cases.Browse;
using MuseWorkbench.Web.Features.Cases.Edit;
using MuseWorkbench.Web.Tests.Components;

namespace MuseWorkbench.Web.Tests.Cases;

public sealed class CaseEditorPageTests : CaseBunit
{
    private NavigationManager Navigation => Services.GetRequiredService<NavigationManager>();

    [Fact]
    public async Task New_Saved_IsInTheDraft()
    {
        var dataset = await MakeAsync(0);
        Navigation.NavigateTo(CaseListAddress.New(dataset));
        var page = Render<CaseEditorPage>(p => p.Add(x => x.DatasetId, dataset));
        page.Find("#case-prompt").Input("How many eggs?");
        page.Find("#case-expected").Input("3");
        page.Find("#case-id").Input("eggs");
        page.Find("[aria-label='Add a tag']").Change("a, b");
        page.Find("[data-save]").Click();

        var kept = (await Store.GetAsync(dataset, "eggs", cancellationToken: Test))!;
        Assert.Equal(("How many eggs?", "3"), (kept.Prompt, kept.Expected));
        Assert.Equal(["a", "b"], kept.Tags);
        Assert.EndsWith($"cases/{dataset}/case?id=eggs", Navigation.Uri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Save_WithFaults_SaysThemBesideTheFieldsAndKeepsWhatWasTyped()
    {
        var dataset = await MakeAsync(1);
        var page = Open(dataset, "c0");
        page.Find("#case-prompt").Input("");
        page.Find("#case-split").Input(new string('s', 41));
        page.Find("[data-save]").Click();

        Assert.Equal(["prompt", "split"], page.FindAll("[data-fault]").Select(fault => fault.GetAttribute("data-fault")));
        Assert.Equal(new string('s', 41), page.Find("#case-split").GetAttribute("value"));
        Assert.Equal("Question 0", (await Store.GetAsync(dataset, "c0", cancellationToken: Test))!.Prompt);
    }

    [Fact]
    public async Task New_IdThatIsTaken_IsRefused()
    {
        var dataset = await MakeAsync(1);
        Navigation.NavigateTo(CaseListAddress.New(dataset));
        var page = Render<CaseEditorPage>(p => p.Add(x => x.DatasetId, dataset));
        page.Find("#case-prompt").Input("Other");
        page.Find("#case-id").Input("c0");
        page.Find("[data-save]").Click();

        Assert.Contains("in the dataset already", page.Find("[data-fault=id]").TextContent, StringComparison.Ordinal);
        Assert.Equal("Question 0", (await Store.GetAsync(dataset, "c0", cancellationToken: Test))!.Prompt);
    }

    [Fact]
    public async Task Save_ChangedElsewhereMeanwhile_AsksFirst()
    {
        var dataset = await MakeAsync(1);
        var page = Open(dataset, "c0");
        await Store.SaveAsync(dataset, new CaseBatch([Named("c0", "Theirs")]), Test);
        page.Find("#case-prompt").Input("Mine");
        page.Find("[data-save]").Click();
        Assert.Contains("changed elsewhere", page.Find(".said.bad").TextContent, StringComparison.Ordinal);
        Assert.Equal("Theirs", (await Store.GetAsync(dataset, "c0", cancellationToken: Test))!.Prompt);
        page.FindAll(".said.bad button").First(button => button.TextContent == "Keep mine").Click();

        Assert.Equal("Mine", (await Store.GetAsync(dataset, "c0", cancellationToken: Test))!.Prompt);
    }

    [Fact]
    public async Task Leave_Unsaved_IsHeldUntilDecided()
    {
        var dataset = await MakeAsync(2);
        var page = Open(dataset, "c0");
        page.Find("#case-prompt").Input("Changed");
        var there = Navigation.Uri;
        Navigation.NavigateTo("runs");
        page.WaitForElement("[data-save-leave]", Limit);
        Assert.Equal(there, Navigation.Uri);
        page.Find("[data-save-leave]").Click();

        page.WaitForAssertion(() => Assert.EndsWith("/runs", Navigation.Uri, StringComparison.Ordinal), Limit);
        Assert.Equal("Changed", (await Store.GetAsync(dataset, "c0", cancellationToken: Test))!.Prompt);
    }

    [Fact]
    public async Task Neighbours_OfAFilteredList_AreItsOwn()
    {
        var dataset = await MakeAsync(9, (c, i) => c with { Tags = i % 3 == 0 ? ["third"] : [] });
        var page = Open(dataset, "c3", "&tag=third&at=1");

        Assert.Contains("id=c0", page.Find("[data-key=k]").GetAttribute("href"), StringComparison.Ordinal);
        Assert.Contains("id=c6", page.Find("[data-key=j]").GetAttribute("href"), StringComparison.Ordinal);
        Assert.Contains("2 of 3", page.Find(".walk").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Neighbours_PlaceNotKnown_AreFoundAllTheSame()
    {
        var dataset = await MakeAsync(1101);
        var page = Open(dataset, "c999");

        Assert.Contains("1,000 of 1,101", page.Find(".walk").TextContent, StringComparison.Ordinal);
        Assert.Contains("id=c998", page.Find("[data-key=k]").GetAttribute("href"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_Published_IsReadOnly()
    {
        var dataset = await MakeAsync(1);
        await Store.PublishAsync(dataset, "", Test);
        var page = Open(dataset, "c0", "&v=1");

        Assert.Empty(page.FindAll("[data-save], [data-delete], [data-add-check]"));
        Assert.True(page.Find("#case-prompt").HasAttribute("disabled"));
    }

    [Fact]
    public async Task Boxes_DrawnNudgedRemoved_AreTheCases()
    {
        var dataset = await MakeAsync(1, (c, _) => c with { Images = [RunScript.Image] });
        var page = Open(dataset, "c0");
        var editor = page.FindComponent<BoxEditor>();
        await page.InvokeAsync(() => editor.Instance.Drawn(0.1, 0.2, 0.3, 0.4));
        await page.InvokeAsync(() => editor.Instance.Nudged(0, 0.1, 0, false));
        await page.InvokeAsync(() => editor.Instance.Nudged(0, 0.1, 0.1, true));
        page.Find("#place-0-label").Input("egg");
        page.Find("[data-save]").Click();

        Assert.Equal(new Region("egg", 0.2, 0.2, 0.5, 0.5), Assert.Single((await Store.GetAsync(dataset, "c0", cancellationToken: Test))!.Regions));
        Assert.Equal("Place 1, egg: 80, 40 to 200, 100 pixels", page.Find("[data-region]").GetAttribute("aria-label"));
        page.Find("[aria-label='Right of place 1, pixels']").Change("240");
        Assert.Contains("240, 100 pixels", page.Find("[data-region]").GetAttribute("aria-label"), StringComparison.Ordinal);
        await page.InvokeAsync(() => editor.Instance.Removed(0));
        Assert.Empty(page.FindAll("[data-region]"));
    }

    [Fact]
    public async Task Checks_AddedAndTyped_AreSaved()
    {
        var dataset = await MakeAsync(1, (c, _) => c with { Expected = "3" });
        var page = Open(dataset, "c0");
        page.Find("[data-add-check]").Click();
        page.Find(".check .type").Change("numeric");
        page.Find("[data-setting=tolerance]").Change("0.5");
        page.Find("[data-save]").Click();

        Assert.Equal("""{"type":"numeric","value":"3","tolerance":0.5}""", Assert.Single((await Store.GetAsync(dataset, "c0", cancellationToken: Test))!.Assertions).GetRawText());
    }

    [Fact]
    public async Task Checks_AsJson_BothWays()
    {
        var dataset = await MakeAsync(1);
        var page = Open(dataset, "c0");
        page.Find("[data-as-json]").Click();
        page.Find("[data-json]").Change("""[{"type":"icontains","value":"egg"}]""");
        page.FindAll(".checks .seg button")[0].Click();
        Assert.Equal("egg", page.Find("[data-setting=value]").GetAttribute("value"));
        page.Find("[data-as-json]").Click();
        page.Find("[data-json]").Change("[{]");
        page.Find("[data-save]").Click();

        Assert.Contains("This is not JSON", page.Find("[data-fault=assertions]").TextContent, StringComparison.Ordinal);
        Assert.Equal("[{]", page.Find("[data-json]").GetAttribute("value"));
    }

    private IRenderedComponent<CaseEditorPage> Open(Guid dataset, string id, string query = "")
    {
        Navigation.NavigateTo($"cases/{dataset}/case?id={id}{query}");
        return Render<CaseEditorPage>(p => p.Add(x => x.DatasetId, dataset));
    }
}
