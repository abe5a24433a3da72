using System.Text.RegularExpressions;
using Microsoft.Playwright;
using MuseWorkbench.Core;
using static Microsoft.Playwright.Assertions;

namespace MuseWorkbench.E2E.Tests;

/// <summary>What a user does before a page's script has come over a slow line.</summary>
public sealed class FarAwayTests(BrowserFixture fixture) : IAsyncLifetime
{
    private static readonly TimeSpan s_latency = TimeSpan.FromMilliseconds(200);
    private Workbench _workbench = null!;

    public async ValueTask InitializeAsync() => _workbench = await Workbench.StartAsync();

    public ValueTask DisposeAsync() => _workbench.DisposeAsync();

    [Fact]
    public async Task View_ChosenEarly_IsInTheAddress()
    {
        var run = RunFile.Of([
            new RunStarted { Request = new() { Prompt = "Where?", Images = [RunFile.Image], Team = new() { Name = "One", Strategy = "single", Agents = [new() { Name = "Agent 1" }] } } },
            new AgentStarted { Agent = 0, Name = "Agent 1", Model = "muse-mini", Seed = 1, Member = 0 },
            new AnswerDelta { Agent = 0, Text = "egg", Tokens = 1 },
            new RegionFound { Agent = 0, Region = new Region("egg", .1, .1, .4, .4), Ordinal = 1, Channel = TextChannel.Answer, TextStart = 0, TextLength = 3 },
            new RunFinished { Outcome = RunOutcome.Completed, WallClockMs = 5, TotalTokens = 1, CriticalPathTokens = 1 },
        ]);
        var page = await OpenAsync(_workbench.Url);
        await RunFile.ImportAsync(page.Context, _workbench.Url, run.Document);
        await page.GotoAsync(new Uri(_workbench.Url, $"/runs/{run.Id}").ToString());
        await page.GetByRole(AriaRole.Button, new() { Name = "Off", Exact = true }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex("boxes=off"));
    }

    [Fact]
    public async Task File_ChosenEarly_IsSentOnce()
    {
        var sent = 0;
        var page = await OpenAsync(new Uri(_workbench.Url, "/cases"));
        page.Request += (_, request) => sent += request.Url.Contains("api/cases/uploads", StringComparison.Ordinal) ? 1 : 0;
        var file = Path.Combine(_workbench.Data, "cases.csv");
        await File.WriteAllTextAsync(file, "prompt,expected\nHow many?,3\n", TestContext.Current.CancellationToken);
        await page.Locator("[data-import-cases]").First.ClickAsync();
        await page.SetInputFilesAsync("[data-file]", file);
        await page.Locator("[data-import]").ClickAsync();
        await Expect(page.Locator("[data-outcome='kept']")).ToBeVisibleAsync(new() { Timeout = WorkbenchPage.RunLimit });
        Assert.Equal(1, sent);
    }

    private async Task<IPage> OpenAsync(Uri address)
    {
        var context = await _workbench.BrowseAsync(fixture.Browser, latency: s_latency);
        context.SetDefaultTimeout(30_000);
        var page = await context.NewPageAsync();
        await page.GotoAsync(_workbench.Url.ToString());
        await page.GotoAsync(address.ToString());
        return page;
    }
}
