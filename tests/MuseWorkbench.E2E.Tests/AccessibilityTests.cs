using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MuseWorkbench.E2E.Tests;

public sealed class AccessibilityTests(BrowserFixture fixture)
{
    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 1280)]
    [InlineData(ColorScheme.Light, 390)]
    [InlineData(ColorScheme.Dark, 390)]
    public async Task Pages_BothThemesAndWidths_HaveNoSeriousViolationAndFitTheirWidth(ColorScheme theme, int width)
    {
        await using var process = await Workbench.StartAsync();
        // The checker is injected as a script of its own, which the page's policy rightly refuses.
        var workbench = await WorkbenchPage.OpenAsync(fixture.Browser, process, new()
        {
            ViewportSize = new() { Width = width, Height = 900 },
            ColorScheme = theme,
            BypassCSP = true,
            ReducedMotion = ReducedMotion.Reduce,
        });
        var violations = new List<string>();
        violations.AddRange(await SeriousAsync(workbench.Page, "first visit"));

        await workbench.RunSampleAsync();
        await workbench.WaitForEndAsync();
        violations.AddRange(await SeriousAsync(workbench.Page, "finished run"));

        await workbench.Page.GetByRole(AriaRole.Button, new() { Name = "Replay" }).ClickAsync();
        await workbench.Page.Keyboard.PressAsync("0");
        await Expect(workbench.FinalAnswer).ToBeVisibleAsync();
        violations.AddRange(await SeriousAsync(workbench.Page, "replay"));
        var run = workbench.Page.Url.Split('/')[^1];

        await workbench.Page.GotoAsync(new Uri(process.Url, "/runs").ToString());
        await Expect(workbench.Page.Locator("li.row")).ToBeVisibleAsync();
        violations.AddRange(await SeriousAsync(workbench.Page, "runs"));

        await workbench.Page.GotoAsync(new Uri(process.Url, $"/compare/{run}/{run}").ToString());
        await Expect(workbench.Page.Locator("section.side").First).ToBeVisibleAsync();
        violations.AddRange(await SeriousAsync(workbench.Page, "compare"));

        await workbench.Page.GotoAsync(new Uri(process.Url, "/compare").ToString());
        await Expect(workbench.Page.Locator("button.scene").First).ToBeVisibleAsync();
        violations.AddRange(await SeriousAsync(workbench.Page, "compare teams"));

        await workbench.Page.GotoAsync(new Uri(process.Url, "/engine").ToString());
        await Expect(workbench.Page.Locator(".js-plotly-plot").First).ToBeVisibleAsync();
        violations.AddRange(await SeriousAsync(workbench.Page, "engine"));

        await workbench.Page.GotoAsync(new Uri(process.Url, "/pool").ToString());
        await Expect(workbench.Page.Locator("[data-member]")).ToBeVisibleAsync();
        violations.AddRange(await SeriousAsync(workbench.Page, "pool"));
        await workbench.Page.GetByRole(AriaRole.Button, new() { Name = "Add a server" }).ClickAsync();
        await Expect(workbench.Page.GetByLabel("Address")).ToBeVisibleAsync();
        violations.AddRange(await SeriousAsync(workbench.Page, "add a server"));

        await workbench.Page.GotoAsync(new Uri(process.Url, "/teams").ToString());
        violations.AddRange(await SeriousAsync(workbench.Page, "no teams"));
        await workbench.Page.Locator("details.new > summary").ClickAsync();
        await workbench.Page.Locator("[data-preset='synthesis']").ClickAsync();
        await Expect(workbench.Page.Locator("[data-save]")).ToBeVisibleAsync();
        violations.AddRange(await SeriousAsync(workbench.Page, "team"));

        violations.AddRange(await CasesAsync(workbench.Page, process));
        violations.AddRange(await ExperimentsAsync(workbench.Page, process));
        Assert.Empty(violations);
    }

    [Fact]
    public async Task Pages_ManyLongDifferentAnswers_FitANarrowWindow()
    {
        await using var process = await Workbench.StartAsync();
        var workbench = await WorkbenchPage.OpenAsync(fixture.Browser, process, new() { ViewportSize = new() { Width = 390, Height = 900 } });
        // So hot, agents agree on nothing and answer at length.
        await workbench.UploadAsync(Repository.Sample("scene-02.png"));
        await workbench.AskAsync("What is on the table?");
        await workbench.SetTeamAsync(agents: 16, temperature: 2, tokens: 200);
        await workbench.StartByKeyboardAsync();
        await workbench.WaitForEndAsync();
        await Expect(workbench.Page.Locator(".bar .group").Nth(3)).ToBeAttachedAsync();
        await FitsAsync(workbench.Page, "finished run");

        var run = workbench.Page.Url.Split('/')[^1];
        await workbench.Page.GotoAsync(new Uri(process.Url, $"/compare/{run}/{run}").ToString());
        await Expect(workbench.Page.Locator("section.side").First).ToBeVisibleAsync();
        await FitsAsync(workbench.Page, "compare");
    }

    /// <summary>Datasets, a dataset of one case, and the case, made on the way.</summary>
    private static async Task<List<string>> CasesAsync(IPage page, Workbench process)
    {
        var violations = new List<string>();
        await page.GotoAsync(new Uri(process.Url, "/cases").ToString());
        await Expect(page.GetByText("No cases yet")).ToBeVisibleAsync();
        violations.AddRange(await SeriousAsync(page, "no datasets"));
        await page.Locator("[data-new]").ClickAsync();
        await page.Locator("#dataset-name").FillAsync("Counts");
        violations.AddRange(await SeriousAsync(page, "new dataset"));
        await page.Locator("[data-create]").ClickAsync();
        await Expect(page.GetByText("No cases in here yet")).ToBeVisibleAsync();
        violations.AddRange(await SeriousAsync(page, "no cases"));
        await page.Locator("[data-new-case]").ClickAsync();
        await page.SetInputFilesAsync("#browse", Repository.Sample("scene-02.png"));
        await page.Locator("#case-prompt").FillAsync("How many?");
        await page.Locator("[data-add-place]").ClickAsync();
        await page.Locator("[data-add-check]").ClickAsync();
        await page.Locator("[data-setting='value']").FillAsync("3");
        await page.Locator("[data-save]").ClickAsync();
        await Expect(page.Locator("[data-unsaved]")).ToHaveCountAsync(0);
        violations.AddRange(await SeriousAsync(page, "case"));
        await page.Locator("[data-back]").ClickAsync();
        await Expect(page.Locator("[data-index='0']")).ToBeVisibleAsync();
        await page.Locator("[data-index='0'] input").ClickAsync();
        violations.AddRange(await SeriousAsync(page, "cases as tiles"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Table" }).ClickAsync();
        await Expect(page.Locator("tr[data-index='0']")).ToBeVisibleAsync();
        violations.AddRange(await SeriousAsync(page, "cases as a table"));
        await page.Locator("[data-import-cases]").ClickAsync();
        await Expect(page.Locator("[data-drop]")).ToBeVisibleAsync();
        violations.AddRange(await SeriousAsync(page, "import"));
        return violations;
    }

    /// <summary>No experiment, a new one over the dataset at hand, and its results.</summary>
    private static async Task<List<string>> ExperimentsAsync(IPage page, Workbench process)
    {
        var violations = new List<string>();
        await page.GotoAsync(new Uri(process.Url, "/experiments").ToString());
        await Expect(page.GetByText("No experiments yet")).ToBeVisibleAsync();
        violations.AddRange(await SeriousAsync(page, "no experiments"));
        await page.Locator("a[href='experiments/new']").First.ClickAsync();
        await page.Locator("[data-team-choice='strategy:single']").ClickAsync();
        violations.AddRange(await SeriousAsync(page, "new experiment"));
        await page.Locator("[data-make]").ClickAsync();
        await page.Locator("[data-publish]").ClickAsync();
        await Expect(page.Locator("[data-state]")).ToHaveTextAsync("done", new() { Timeout = 4 * WorkbenchPage.RunLimit });
        foreach (var (view, section) in new[] { ("judge", "Judge and people"), ("trends", "Trends"), ("scaling", "Scaling"), ("cases", "Cases") })
        {
            await page.Locator($"[data-view='{view}']").ClickAsync();
            await Expect(page.GetByRole(AriaRole.Region, new() { Name = section, Exact = true })).ToBeVisibleAsync();
            await Expect(page.GetByText(new Regex("Reading")).First).Not.ToBeVisibleAsync();
            violations.AddRange(await SeriousAsync(page, $"experiment, {view}"));
        }

        await page.Locator("tr[data-case] th a").First.ClickAsync();
        await Expect(page.Locator("section.side").First).ToBeVisibleAsync();
        violations.AddRange(await SeriousAsync(page, "head to head"));
        await page.GotoAsync(new Uri(process.Url, "/experiments").ToString());
        await Expect(page.Locator("[data-experiment]")).ToBeVisibleAsync();
        violations.AddRange(await SeriousAsync(page, "experiments"));
        violations.AddRange(await TradeoffsAsync(page));
        return violations;
    }

    /// <summary>A small sweep over the dataset there is, from its form to one setting's runs.</summary>
    private static async Task<List<string>> TradeoffsAsync(IPage page)
    {
        var violations = new List<string>();
        await page.Locator("a[href='experiments/tradeoffs']").ClickAsync();
        await Expect(page.Locator("[data-cost]")).ToContainTextAsync("settings");
        violations.AddRange(await SeriousAsync(page, "trade-offs"));
        await page.Locator("#agents").FillAsync("1, 2");
        await page.Locator("#concurrency").FillAsync("2");
        await page.Locator("#first").FillAsync("2");
        await page.Locator("[data-make]").ClickAsync();
        await Expect(page.Locator(".chip").First).ToHaveTextAsync("done", new() { Timeout = WorkbenchPage.RunLimit });
        await Expect(page.Locator("[data-words]")).ToContainTextAsync(new Regex("this hardware sustains|No setting keeps"));
        await Expect(page.Locator("tbody a")).ToHaveCountAsync(2);
        violations.AddRange(await SeriousAsync(page, "sweep"));
        await page.Locator("tbody a").First.ClickAsync();
        await Expect(page.Locator("li.row").First).ToBeVisibleAsync();
        return violations;
    }

    private static async Task FitsAsync(IPage page, string where) =>
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{where}: wider than the window");

    private static async Task<IEnumerable<string>> SeriousAsync(IPage page, string where)
    {
        await FitsAsync(page, where);
        await page.AddScriptTagAsync(new() { Path = Path.Combine(Repository.Root, "node_modules", "axe-core", "axe.min.js") });
        var json = await page.EvaluateAsync<JsonElement>("""
            async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
              .filter(v => v.impact === 'serious' || v.impact === 'critical')
              .map(v => ({ id: v.id, nodes: v.nodes.map(n => n.target.join(' ') + ': ' + n.failureSummary) }))
            """);
        return json.EnumerateArray().Select(v => $"{where}: {v}");
    }
}
