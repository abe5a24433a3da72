using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Cases.List;

namespace MuseWorkbench.Web.Tests.Cases;

public sealed class CasesPageTests : CaseBunit
{
    [Fact]
    public void NoDatasets_SaysWhatToDo()
    {
        var page = Render<CasesPage>();

        Assert.Contains("No cases yet", page.Find(".empty").TextContent, StringComparison.Ordinal);
        Assert.Equal(["Import a file", "New dataset"], page.FindAll(".ways button").Select(button => button.TextContent));
    }

    [Fact]
    public async Task Dataset_PublishedThenChanged_IsMarked()
    {
        var dataset = await MakeAsync(3);
        await Store.PublishAsync(dataset, "First", Test);
        Assert.Empty(Render<CasesPage>().FindAll(".chip.warn"));
        await Store.RemoveAsync(dataset, ["c0"], Test);

        var row = Render<CasesPage>().Find("li.row");

        Assert.Equal("changed", row.QuerySelector(".chip.warn")!.TextContent);
        Assert.Contains("2 cases", row.TextContent, StringComparison.Ordinal);
        Assert.Contains("v1", row.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rename_NewName_IsKept()
    {
        var dataset = await MakeAsync(1);
        var page = Render<CasesPage>();
        page.Find("[data-rename]").Click();
        page.Find(".rename input").Input("  Eggs ");
        page.Find(".rename").Submit();

        Assert.Equal("Eggs", page.Find(".name").TextContent);
        Assert.Equal("Eggs", (await Store.FindAsync(dataset, Test))!.Name);
    }

    [Fact]
    public async Task Delete_OnlyAfterConfirming_IsGone()
    {
        var dataset = await MakeAsync(2);
        var page = Render<CasesPage>();
        page.Find("[data-delete]").Click();
        Assert.NotNull(await Store.FindAsync(dataset, Test));
        Assert.Equal("Delete 2 cases", page.Find("[data-delete-sure]").TextContent);
        page.Find("[data-delete-sure]").Click();

        Assert.Null(await Store.FindAsync(dataset, Test));
        Assert.Contains("No cases yet", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NewDataset_Named_IsMadeAndShown()
    {
        var page = Render<CasesPage>();
        page.Find("[data-new]").Click();
        Assert.True(page.Find("#dataset-name").HasAttribute("required"));
        page.Find("#dataset-name").Input("Counts");
        page.Find("#new-dataset form").Submit();

        var made = Assert.Single(await Store.ListAsync(Test));
        Assert.EndsWith($"cases/{made.Id}", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Name_HostileText_StaysText()
    {
        await Store.CreateAsync("<img src=x onerror=alert(1)>", new CaseBatch([]), Test);

        Assert.Equal("<img src=x onerror=alert(1)>", Render<CasesPage>().Find(".name").TextContent);
    }
}
