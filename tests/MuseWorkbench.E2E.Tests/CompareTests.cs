using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MuseWorkbench.E2E.Tests;

/// <summary>One question, several teams at the same time.</summary>
public sealed class CompareTests(BrowserFixture fixture)
{
    [Fact]
    public async Task Compare_Blind_NamesComeWithTheVoteAndTheVoteRanks()
    {
        await using var process = await Workbench.StartAsync();
        var page = (await WorkbenchPage.OpenAsync(fixture.Browser, process)).Page;
        await page.GotoAsync(new Uri(process.Url, "/compare").ToString());
        await WorkbenchPage.ListensAsync(page, "compare");
        await page.Locator("button.scene").Nth(2).ClickAsync();
        await Expect(page.Locator("#prompt")).Not.ToHaveValueAsync("");
        await page.GetByLabel("Team A", new() { Exact = true }).SelectOptionAsync("preset:One");
        await page.GetByLabel("Team B", new() { Exact = true }).SelectOptionAsync("preset:Four");
        await page.GetByLabel("Blind").CheckAsync();
        await page.Locator("#prompt").FocusAsync();
        await page.Keyboard.PressAsync("Control+Enter");

        var columns = page.Locator("[data-contender]");
        await Expect(columns).ToHaveCountAsync(2);
        await Expect(page.Locator("[data-vote='0']")).ToBeVisibleAsync(new() { Timeout = WorkbenchPage.RunLimit });
        await Expect(columns.Locator(".name")).ToHaveTextAsync(["hidden until you vote", "hidden until you vote"]);
        await Expect(columns.Locator(".answer").First).ToHaveTextAsync(new Regex(@"\d"));
        await Expect(columns.Locator("section.final")).ToHaveCountAsync(0);

        await columns.First.ClickAsync();
        await page.Keyboard.PressAsync("2");
        await Expect(columns.Nth(1)).ToContainTextAsync("your vote");
        Assert.Equal(["Four", "One"], (await columns.Locator(".name").AllInnerTextsAsync()).Order());
        await Expect(page.Locator(".standings tbody tr")).ToHaveCountAsync(2);

        // Kept: the same after a reload, until it is taken back.
        await page.ReloadAsync();
        await Expect(columns.Nth(1)).ToContainTextAsync("your vote");
        await Expect(columns.Locator("section.final")).ToHaveCountAsync(2);
        await page.GetByRole(AriaRole.Button, new() { Name = "Take back" }).ClickAsync();
        await Expect(page.GetByText("No votes yet")).ToBeVisibleAsync();
        await page.SetViewportSizeAsync(390, 844);
        await page.WaitForFunctionAsync("document.documentElement.scrollWidth <= innerWidth");
    }
}
