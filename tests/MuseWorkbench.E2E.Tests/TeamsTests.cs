using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MuseWorkbench.E2E.Tests;

public sealed class TeamsTests(BrowserFixture fixture) : IAsyncLifetime
{
    private Workbench _workbench = null!;

    public async ValueTask InitializeAsync() => _workbench = await Workbench.StartAsync();

    public ValueTask DisposeAsync() => _workbench.DisposeAsync();

    [Fact]
    public async Task Team_MadeChangedExportedImported_AsksInStages()
    {
        var workbench = await WorkbenchPage.OpenAsync(fixture.Browser, _workbench);
        var page = workbench.Page;
        await page.GetByRole(AriaRole.Link, new() { Name = "Teams" }).ClickAsync();
        await page.Locator("details.new > summary").ClickAsync();
        await page.Locator("[data-preset='best-of-n']").ClickAsync();

        await Expect(page.Locator("[data-preset='best-of-n']")).ToBeHiddenAsync();
        await page.GetByLabel("Name", new() { Exact = true }).First.FillAsync("Two and a judge");
        for (var agent = 8; agent > 2; agent--)
        {
            await page.GetByRole(AriaRole.Button, new() { Name = $"Remove Agent {agent}", Exact = true }).ClickAsync();
        }
        await page.Locator("[data-save]").ClickAsync();
        await Expect(page.Locator("[data-save]")).ToHaveTextAsync(new Regex("Saved\\s+v2"));

        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "YAML" }).ClickAsync());
        Assert.Equal("two-and-a-judge.v2.yaml", download.SuggestedFilename);
        await page.SetInputFilesAsync("#import", await download.PathAsync());
        await Expect(page.Locator("[data-team]")).ToHaveCountAsync(2);
        await Expect(page.Locator("[data-save]")).ToHaveTextAsync(new Regex("Saved\\s+v1"));

        await page.Locator("[data-use]").ClickAsync();
        await Expect(page.Locator("details.team > summary")).ToContainTextAsync("Two and a judge");
        await page.Locator("button.scene").First.ClickAsync();
        await Expect(page.Locator("#prompt")).Not.ToHaveValueAsync("");
        await workbench.StartByKeyboardAsync();
        await workbench.WaitForEndAsync();

        await Expect(workbench.Panels).ToHaveCountAsync(3);
        await Expect(page.Locator(".stage h3 b")).ToHaveTextAsync(["Judge", "First answers"]);
        await Expect(page.Locator("[data-verdict]")).ToBeVisibleAsync();
    }
}
