using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MuseWorkbench.E2E.Tests;

public sealed class RunTests(BrowserFixture fixture) : IAsyncLifetime
{
    private Workbench _workbench = null!;

    public async ValueTask InitializeAsync() => _workbench = await Workbench.StartAsync();

    public ValueTask DisposeAsync() => _workbench.DisposeAsync();

    [Fact]
    public async Task Run_UploadedImage_PanelsStreamTogetherToOneAnswer()
    {
        var workbench = await WorkbenchPage.OpenAsync(fixture.Browser, _workbench);
        await workbench.UploadAsync(Repository.Sample("scene-03.png"));
        await workbench.AskAsync("How many eggs do you see?");
        await workbench.WatchPanelsAsync();
        using (_workbench.Engine.Slow())
        {
            await workbench.StartByKeyboardAsync();
            await Expect(workbench.Panels).ToHaveCountAsync(8);
            await workbench.Page.WaitForFunctionAsync("() => Object.keys(panelTimes).length === 8", null, new() { Timeout = WorkbenchPage.RunLimit });
        }

        await workbench.WaitForEndAsync();

        await Expect(workbench.FinalAnswer).ToHaveTextAsync(new Regex(@"\d"));
        Assert.NotEqual(0, await workbench.Boxes.CountAsync());
        var times = await workbench.PanelTimesAsync();
        Assert.Equal(8, times.Count);
        // Side by side: every panel had begun before any had ended.
        Assert.True(times.Values.Max(t => t.First) < times.Values.Min(t => t.Last), string.Join(", ", times));
        // The address is the run's: it can be opened again.
        await Expect(workbench.Page).ToHaveURLAsync(new Regex("/runs/[0-9a-f-]{36}$"));
    }

    [Fact]
    public async Task Run_SampleScene_OneClickFillsImageAndQuestion()
    {
        var workbench = await WorkbenchPage.OpenAsync(fixture.Browser, _workbench);
        await workbench.Page.Locator("button.scene").First.ClickAsync();
        await Expect(workbench.Page.Locator("#prompt")).Not.ToHaveValueAsync("");
        await workbench.Page.Locator("[data-run]").ClickAsync();
        await Expect(workbench.Panels).ToHaveCountAsync(8);
        await workbench.WaitForEndAsync();
        await Expect(workbench.FinalAnswer).Not.ToHaveTextAsync("");
    }

    [Fact]
    public async Task FinalCard_ManyLongAnswers_StaysInsideItsEdges()
    {
        var workbench = await WorkbenchPage.OpenAsync(fixture.Browser, _workbench, new() { ViewportSize = new() { Width = 1280, Height = 800 } });
        await workbench.UploadAsync(Repository.Sample("scene-07.png"));
        await workbench.AskAsync("List the items.");
        await workbench.SetTeamAsync(agents: 16, temperature: 1.2, tokens: 512);
        await workbench.StartByKeyboardAsync();
        await Expect(workbench.Panels).ToHaveCountAsync(16);
        await workbench.WaitForEndAsync();

        var edges = await workbench.Page.EvaluateAsync<double[]>(
            "() => [document.querySelector('section.final').getBoundingClientRect().right, Math.max(...[...document.querySelectorAll('section.final .group')].map(g => g.getBoundingClientRect().right))]");
        Assert.True(edges[1] <= edges[0], $"votes end at {edges[1]}, the card at {edges[0]}");
    }

    [Fact]
    public async Task Run_Stopped_KeepsWhatWasSaid()
    {
        var workbench = await WorkbenchPage.OpenAsync(fixture.Browser, _workbench);
        var panel = await workbench.StartLongRunAsync(_workbench);
        await workbench.Page.Keyboard.PressAsync("Escape");
        await workbench.WaitForEndAsync();

        await Expect(panel.Locator(".chip")).ToHaveTextAsync(new Regex("stopped|done", RegexOptions.IgnoreCase));
        Assert.NotEqual("", (await panel.Locator(".think").InnerTextAsync()).Trim());
        await Expect(workbench.Page.Locator("article.panel .chip", new() { HasTextRegex = new Regex("stopped", RegexOptions.IgnoreCase) }).First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Run_PageReloaded_ComesBackToTheLiveRun()
    {
        var workbench = await WorkbenchPage.OpenAsync(fixture.Browser, _workbench);
        var panel = await workbench.StartLongRunAsync(_workbench);
        using (_workbench.Engine.Hold())
        {
            var before = (await panel.Locator(".think").InnerTextAsync()).Trim();
            await workbench.Page.ReloadAsync();
            await Expect(workbench.Panels).ToHaveCountAsync(8);
            await Expect(panel.Locator(".think")).ToContainTextAsync(before[..Math.Min(20, before.Length)]);
            await workbench.Page.Locator("button.stop").ClickAsync();
        }

        await workbench.WaitForEndAsync();
    }

    [Fact]
    public async Task Run_PageReloaded_ShowsWhatWasLookedAt()
    {
        var workbench = await WorkbenchPage.OpenAsync(fixture.Browser, _workbench);
        var panel = await workbench.StartLongRunAsync(_workbench);
        var agent = await panel.GetAttributeAsync("data-agent");
        // There once something was named.
        var heat = workbench.Page.GetByRole(AriaRole.Button, new() { Name = "Heat", Exact = true });
        await Expect(heat).ToBeVisibleAsync();
        using (_workbench.Engine.Hold())
        {
            await heat.ClickAsync();
            await panel.Locator(".name").ClickAsync();
            await Expect(workbench.Page).ToHaveURLAsync(new Regex($@"\?(?=.*\bagent={int.Parse(agent!, CultureInfo.InvariantCulture) + 1}\b)(?=.*\bboxes=heat\b)"));
            await workbench.Page.ReloadAsync();

            await Expect(workbench.Page.Locator($"[data-panels][data-focused='{agent}']")).ToBeVisibleAsync();
            await Expect(heat).ToHaveAttributeAsync("aria-pressed", "true");
            // And all of them again, without a trace in the address.
            await workbench.Page.Locator(".tabs .tab[aria-pressed='true']").ClickAsync();
            await Expect(workbench.Panels).ToHaveCountAsync(8);
            await Expect(workbench.Page).Not.ToHaveURLAsync(new Regex("agent="));
            await workbench.Page.Locator("button.stop").ClickAsync();
        }

        await workbench.WaitForEndAsync();
    }

    [Fact]
    public async Task Run_BrowserGone_GoesOnAndIsListed()
    {
        var workbench = await WorkbenchPage.OpenAsync(fixture.Browser, _workbench);
        await workbench.RunSampleAsync();
        await workbench.Page.Context.CloseAsync();

        var again = await WorkbenchPage.OpenAsync(fixture.Browser, _workbench);
        var recent = again.Page.Locator("ul.recent a").First;
        await Expect(recent).ToBeVisibleAsync();
        await recent.ClickAsync();
        await again.WaitForEndAsync();
        await Expect(again.FinalAnswer).Not.ToHaveTextAsync("");
    }

    [Fact]
    public async Task Upload_NotAnImage_SaysSoAndKeepsTheRest()
    {
        var workbench = await WorkbenchPage.OpenAsync(fixture.Browser, _workbench);
        await workbench.UploadAsync(Repository.Sample("scene-01.png"));
        var png = await File.ReadAllBytesAsync(Repository.Sample("scene-02.png"), TestContext.Current.CancellationToken);
        await workbench.UploadAsync(
            new() { Name = "page.png", MimeType = "image/png", Buffer = "<html>not an image</html>"u8.ToArray() },
            new() { Name = "cut.png", MimeType = "image/png", Buffer = png[..(png.Length / 2)] });

        await Expect(workbench.Page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "page.png" })).ToBeVisibleAsync();
        await Expect(workbench.Page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "cut.png" })).ToBeVisibleAsync();
        await Expect(workbench.Page.Locator(".strip .thumb")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task Page_390PixelsWide_HasNoSidewaysScroll()
    {
        var workbench = await WorkbenchPage.OpenAsync(fixture.Browser, _workbench, new() { ViewportSize = new() { Width = 390, Height = 844 } });
        await workbench.RunSampleAsync();
        await workbench.WaitForEndAsync();
        foreach (var path in new[] { workbench.Page.Url, new Uri(_workbench.Url, "/engine").ToString() })
        {
            await workbench.Page.GotoAsync(path);
            await Expect(workbench.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync();
            Assert.True(await workbench.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), path);
        }
    }
}
