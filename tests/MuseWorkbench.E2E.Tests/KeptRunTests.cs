using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MuseWorkbench.E2E.Tests;

/// <summary>Runs after they were shown: replayed, exported, cut off, taken up again.</summary>
public sealed class KeptRunTests(BrowserFixture fixture)
{
    [Fact]
    public async Task Replay_ToTheEnd_EqualsWhatWasShown()
    {
        await using var process = await Workbench.StartAsync();
        var workbench = await WorkbenchPage.OpenAsync(fixture.Browser, process);
        await workbench.RunSampleAsync();
        await workbench.WaitForEndAsync();
        var (texts, answer) = (await TextsAsync(workbench.Page), await workbench.FinalAnswer.InnerTextAsync());
        var boxes = await workbench.Boxes.CountAsync();

        await workbench.Page.GetByRole(AriaRole.Button, new() { Name = "Replay" }).ClickAsync();
        await workbench.Page.GetByRole(AriaRole.Button, new() { Name = "Pause", Exact = true }).ClickAsync();
        await Expect(workbench.Page.GetByRole(AriaRole.Button, new() { Name = "Play", Exact = true })).ToBeVisibleAsync();
        var moment = workbench.Page.GetByRole(AriaRole.Slider, new() { Name = "Moment" });
        await moment.FillAsync("0");
        await Expect(workbench.Page.Locator(".final .answer")).ToHaveTextAsync("Contemplating…");
        await Expect(workbench.Boxes).ToHaveCountAsync(0);

        // Half way, then at full speed to the end by itself, then there at once: the same each time.
        var end = int.Parse((await moment.GetAttributeAsync("max"))!, System.Globalization.CultureInfo.InvariantCulture);
        await moment.FillAsync($"{end / 2 / 10 * 10}");
        await workbench.Page.GetByRole(AriaRole.Button, new() { Name = "4×" }).ClickAsync();
        await workbench.Page.GetByRole(AriaRole.Button, new() { Name = "Play", Exact = true }).ClickAsync();
        await Expect(workbench.FinalAnswer).ToHaveTextAsync(answer);
        await Expect(workbench.Boxes).ToHaveCountAsync(boxes);
        Assert.Equal(texts, await TextsAsync(workbench.Page));
        await moment.FillAsync("0");
        await workbench.Page.GetByRole(AriaRole.Button, new() { Name = "Instant" }).ClickAsync();
        await Expect(workbench.FinalAnswer).ToHaveTextAsync(answer);
        Assert.Equal(texts, await TextsAsync(workbench.Page));
    }

    [Fact]
    public async Task Export_PageOpenedFromDisk_ReplaysWithoutANetwork()
    {
        await using var process = await Workbench.StartAsync();
        var workbench = await WorkbenchPage.OpenAsync(fixture.Browser, process);
        await workbench.RunSampleAsync();
        await workbench.WaitForEndAsync();
        var thoughts = await workbench.Page.Locator(".think").AllInnerTextsAsync();
        var answer = await workbench.FinalAnswer.InnerTextAsync();
        await workbench.Page.GetByLabel("Export").ClickAsync();
        var download = await workbench.Page.RunAndWaitForDownloadAsync(() => workbench.Page.GetByText("Page (HTML)").ClickAsync());
        var file = Path.Combine(process.Data, "offline.html");
        await download.SaveAsAsync(file);

        var page = await (await process.BrowseAsync(fixture.Browser, new() { Offline = true })).NewPageAsync();
        List<string> requests = [], faults = [];
        page.Request += (_, request) => requests.Add(request.Url);
        page.Console += (_, message) => faults.Add(message.Text);
        page.PageError += (_, error) => faults.Add(error);
        await page.GotoAsync(new Uri(file).AbsoluteUri);

        await Expect(page.Locator(".final .answer")).ToHaveTextAsync(answer);
        Assert.Equal(thoughts.Select(Words), (await page.Locator(".think").AllInnerTextsAsync()).Select(Words));
        Assert.True(await page.Locator(".frame img").EvaluateAsync<bool>("image => image.naturalWidth > 0"));
        await Expect(page.Locator(".lane:has(rect.t)")).ToHaveCountAsync(8);
        await page.GetByRole(AriaRole.Button, new() { Name = "Agreement" }).ClickAsync();
        await Expect(page.Locator(".frame .cell").First).ToBeAttachedAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Boxes" }).ClickAsync();
        await page.GetByRole(AriaRole.Slider).FillAsync("0");
        await Expect(page.Locator(".final .answer")).ToHaveTextAsync("");
        await page.GetByRole(AriaRole.Button, new() { Name = "4×" }).ClickAsync();
        await page.Keyboard.PressAsync("k");
        await Expect(page.Locator(".final .answer")).ToHaveTextAsync(answer);
        Assert.Empty(faults);
        Assert.All(requests, url => Assert.Matches("^(file|data):", url));
    }

    [Fact]
    public async Task Killed_MidRun_RunIsThereWithWhatWasShownAndResumes()
    {
        await using var process = await Workbench.StartAsync();
        var workbench = await WorkbenchPage.OpenAsync(fixture.Browser, process);
        await workbench.StartLongRunAsync(process);
        var address = new Uri(workbench.Page.Url).AbsolutePath;
        IReadOnlyList<string> shown;
        using (process.Engine.Hold())
        {
            shown = await workbench.Page.Locator(".think:not(:has(.wait))").AllInnerTextsAsync();
            await process.KillAsync();
        }

        await using var again = await process.StartAgainAsync();
        workbench = await WorkbenchPage.OpenAsync(fixture.Browser, again);
        await Expect(workbench.Page.Locator("ul.recent .chip").First).ToHaveTextAsync("interrupted");
        await workbench.Page.GotoAsync(new Uri(again.Url, address).ToString());
        await Expect(workbench.Page.Locator(".final .cap")).ToContainTextAsync("Interrupted");
        var kept = await workbench.Page.Locator(".think:not(:has(.wait))").AllInnerTextsAsync();
        Assert.NotEmpty(shown);
        Assert.All(shown, text => Assert.Contains(kept, whole => whole.Contains(text.TrimEnd(), StringComparison.Ordinal)));

        await workbench.WaitForEngineAsync();
        using var slow = again.Engine.Slow();
        await workbench.Page.GetByRole(AriaRole.Button, new() { Name = "Resume" }).ClickAsync();
        await Expect(workbench.Page.Locator("button.stop")).ToBeVisibleAsync();
        using (again.Engine.Hold())
        {
            // Who had said something goes on behind it.
            await Expect(workbench.Page.Locator("[data-went-on]").First).ToBeVisibleAsync();
            var now = await workbench.Panels.Filter(new() { Has = workbench.Page.Locator("[data-went-on]") }).Locator(".think").AllInnerTextsAsync();
            Assert.All(now, text => Assert.Contains(kept, before => text.StartsWith(before.TrimEnd(), StringComparison.Ordinal)));
            await workbench.Page.Locator("button.stop").ClickAsync();
        }

        await workbench.WaitForEndAsync();
        await Expect(workbench.Page.GetByRole(AriaRole.Button, new() { Name = "Resume" })).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task RunsPage_MarkedFoundDeleted_StaysSo()
    {
        await using var process = await Workbench.StartAsync();
        var workbench = await WorkbenchPage.OpenAsync(fixture.Browser, process);
        await workbench.RunSampleAsync();
        await workbench.WaitForEndAsync();
        var page = workbench.Page;
        await page.Keyboard.PressAsync("Escape");
        await page.GotoAsync(new Uri(process.Url, "/runs").ToString());
        var row = page.Locator("li.row");
        await Expect(row).ToHaveCountAsync(1);

        await row.GetByLabel("Add a tag").FillAsync("kept");
        await page.Keyboard.PressAsync("Enter");
        await Expect(row.Locator(".tag")).ToHaveTextAsync("kept");
        await row.GetByRole(AriaRole.Radio, new() { Name = "4 stars" }).ClickAsync();
        await Expect(row.Locator(".stars .lit")).ToHaveCountAsync(4);
        await page.GetByLabel("Search runs").FillAsync("kept nowhere");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByText("No run matches")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Show all runs" }).ClickAsync();
        await Expect(row).ToHaveCountAsync(1);
        await page.ReloadAsync();
        await Expect(row.Locator(".stars .lit")).ToHaveCountAsync(4);

        await row.GetByLabel("Delete run").ClickAsync();
        await Expect(page.GetByText("No runs yet")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();
        await Expect(row.Locator(".tag")).ToHaveTextAsync("kept");
    }

    private static async Task<IReadOnlyList<string>> TextsAsync(IPage page) =>
        [.. await page.Locator("article.panel .think").AllInnerTextsAsync(), .. await page.Locator("article.panel .ans").AllInnerTextsAsync(), .. await page.Locator("article.panel .chip").AllInnerTextsAsync()];

    private static string Words(string text) => Regex.Replace(text, @"\s+", " ").Trim();
}
