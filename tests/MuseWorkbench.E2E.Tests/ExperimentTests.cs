using System.Globalization;
using System.IO.Compression;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MuseWorkbench.E2E.Tests;

/// <summary>
/// Two teams over part of the held-out scenes: begun on the page, killed half-way, gone on with, read, exported.
/// <c>MUSE_CASES</c> says over how many cases.
/// </summary>
public sealed class ExperimentTests(BrowserFixture fixture) : IAsyncLifetime
{
    private const int Repeats = 2;
    private static readonly int s_cases = int.Parse(Environment.GetEnvironmentVariable("MUSE_CASES") ?? "6", CultureInfo.InvariantCulture);

    private Workbench _workbench = null!;

    public async ValueTask InitializeAsync() => _workbench = await Workbench.StartAsync();

    public ValueTask DisposeAsync() => _workbench.DisposeAsync();

    [Fact]
    public async Task TwoTeams_KilledHalfWay_EachAttemptOnceAndTheVerdictIsRead()
    {
        var page = (await WorkbenchPage.OpenAsync(fixture.Browser, _workbench)).Page;
        await ImportAsync(page);
        await MakeAsync(page);
        var experiment = new Uri(page.Url).AbsolutePath;

        // Some attempts are over, more are to come: then it dies.
        var attempts = 2 * s_cases * Repeats;
        await Expect(page.Locator("[data-cell='ok'], [data-cell='bad']").Nth(attempts / 4)).ToBeVisibleAsync(new() { Timeout = WorkbenchPage.RunLimit * s_cases });
        await _workbench.KillAsync();
        var before = _workbench;
        _workbench = await before.StartAgainAsync();
        await before.DisposeAsync();

        page = (await WorkbenchPage.OpenAsync(fixture.Browser, _workbench)).Page;
        await page.GotoAsync(new Uri(_workbench.Url, experiment).ToString());
        await Expect(page.Locator("[data-state]")).ToHaveTextAsync("done", new() { Timeout = WorkbenchPage.RunLimit * s_cases });
        await Expect(page.Locator("[data-cell='ok'], [data-cell='bad']")).ToHaveCountAsync(Math.Min(attempts, 50 * 2 * Repeats));
        await Expect(page.Locator("[data-verdict] .first")).Not.ToBeEmptyAsync();
        await Expect(page.Locator("[aria-label='Teams'] tbody tr")).ToHaveCountAsync(2);

        await ReadAsync(page, experiment);
        await ReportAsync(page, experiment);
    }

    private async Task ImportAsync(IPage page)
    {
        var file = Path.Combine(_workbench.Data, "held-out.zip");
        ZipFile.CreateFromDirectory(Path.Combine(Repository.Root, "models", "held-out"), file);
        await page.GotoAsync(new Uri(_workbench.Url, "/cases").ToString());
        await page.Locator("[data-import-cases]").First.ClickAsync();
        await Expect(page.Locator("[data-drop]")).ToBeVisibleAsync();
        await page.SetInputFilesAsync("[data-file]", file);
        await page.Locator("[data-import]").ClickAsync(new() { Timeout = WorkbenchPage.RunLimit });
        var decided = page.Locator("[data-decided]");
        await Expect(decided.Or(page.Locator("[data-outcome]"))).ToBeVisibleAsync(new() { Timeout = 2 * WorkbenchPage.RunLimit });
        if (await decided.IsVisibleAsync())
        {
            await decided.ClickAsync();
        }

        await page.Locator("[data-show-imported]").ClickAsync(new() { Timeout = WorkbenchPage.RunLimit });
        await Expect(page.Locator("[data-total]")).ToHaveTextAsync("320 cases");
    }

    /// <summary>From the dataset to a running experiment; its draft is published on the way.</summary>
    private static async Task MakeAsync(IPage page)
    {
        await page.Locator("[data-experiment-new]").ClickAsync();
        await Expect(page.Locator("#dataset")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-make]")).ToBeVisibleAsync();
        await page.Locator("[data-team-choice='strategy:single']").ClickAsync();
        await page.Locator("[data-team-choice='strategy:self-consistency']").ClickAsync();
        await page.Locator("#first").FillAsync($"{s_cases}");
        await page.Locator("#repeats").FillAsync($"{Repeats}");
        await Expect(page.Locator("[data-cost]")).ToContainTextAsync($"2 teams × {s_cases} cases × {Repeats} repeats = {2 * s_cases * Repeats} runs");
        await page.Locator("[data-make]").ClickAsync();
        await page.Locator("[data-publish]").ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex("/experiments/[0-9a-f-]{36}$"));
    }

    /// <summary>A case head to head, another baseline, the ways cases are narrowed, the scaling curve.</summary>
    private static async Task ReadAsync(IPage page, string experiment)
    {
        await page.Locator("tr[data-case] th a").First.ClickAsync();
        await Expect(page.Locator("section.side .final")).ToHaveCountAsync(2);
        await page.Keyboard.PressAsync("j");
        await Expect(page).ToHaveURLAsync(new Regex("/cases/1$"));
        await page.GotoAsync(new Uri(new Uri(page.Url), experiment).ToString());

        await page.Locator("[data-baseline='1']").ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex("base=2"));
        await page.Locator("[data-show='flips']").ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex("show=flips"));
        var flip = page.Locator("tr[data-case]");
        await Expect(flip.Or(page.GetByText("No case matches.")).First).ToBeVisibleAsync();
        await page.Locator("[data-view='scaling']").ClickAsync();
        await Expect(page.Locator("svg.plot circle").First).ToBeVisibleAsync(new() { Timeout = WorkbenchPage.RunLimit });

        // A mark opens its run.
        await page.GotoAsync(new Uri(new Uri(page.Url), experiment).ToString());
        await page.Locator("a[data-cell]").First.ClickAsync();
        await Expect(page.Locator("section.final .answer")).ToBeVisibleAsync();
    }

    /// <summary>The report is read from disk, without any server.</summary>
    private async Task ReportAsync(IPage page, string experiment)
    {
        await page.GotoAsync(new Uri(_workbench.Url, experiment).ToString());
        await page.Locator("details.more > summary").ClickAsync();
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByText("Report as page (HTML)").ClickAsync());
        var file = Path.Combine(_workbench.Data, "report.html");
        await download.SaveAsAsync(file);
        var context = await _workbench.BrowseAsync(fixture.Browser, new() { Offline = true });
        var report = await context.NewPageAsync();
        var errors = new List<string>();
        report.PageError += (_, e) => errors.Add(e);
        report.Console += (_, e) =>
        {
            if (e.Type == "error")
            {
                errors.Add(e.Text);
            }
        };
        await report.GotoAsync(new Uri(file).ToString());
        await Expect(report.GetByText("Self-consistency").First).ToBeVisibleAsync();
        await Expect(report.GetByText(new Regex("scores? \\d")).First).ToBeVisibleAsync();
        Assert.Empty(errors);
    }
}
