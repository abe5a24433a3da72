using System.Diagnostics;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MuseWorkbench.E2E.Tests;

/// <summary>Native code may die at any time; nothing else may go down with it.</summary>
public sealed class CrashTests(BrowserFixture fixture)
{
    [Fact]
    public async Task NodeKilled_MidRun_ShownTextStaysAndAgentsGoOnInTheNextProcess()
    {
        await using var process = await Workbench.StartAsync();
        var workbench = await WorkbenchPage.OpenAsync(fixture.Browser, process);
        var thinking = (await workbench.StartLongRunAsync(process)).Locator(".think");
        string said;
        using (process.Engine.Hold())
        {
            said = (await thinking.InnerTextAsync()).Trim()[..3];
            Process.GetProcessById(Assert.Single(process.NodeProcesses())).Kill();
        }

        await Expect(workbench.Page.Locator("article.panel .moved").First).ToContainTextAsync("went on after a restart", new() { Timeout = WorkbenchPage.RunLimit });
        await workbench.WaitForEndAsync();
        await Expect(workbench.Page.Locator("article.panel p.error")).ToHaveCountAsync(0);
        await Expect(thinking).ToContainTextAsync(said);
        // And usable for the next run.
        await workbench.WaitForEngineAsync();
        await workbench.SetTeamAsync(temperature: 0.8, tokens: 512);
        await workbench.StartByKeyboardAsync();
        await workbench.WaitForEndAsync();
        await Expect(workbench.FinalAnswer).Not.ToHaveTextAsync("");
    }

    [Fact]
    public async Task WorkbenchKilled_NodeRunning_NodeEndsToo()
    {
        await using var process = await Workbench.StartAsync();
        await WorkbenchPage.OpenAsync(fixture.Browser, process);
        var node = Process.GetProcessById(Assert.Single(process.NodeProcesses()));

        Process.GetProcessById(process.ProcessId).Kill();

        await node.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task ModelMissing_Start_PageSaysWhyAndOffersRestart()
    {
        await using var process = await Workbench.StartAsync("--Engine:Model", "models/no-such-model.gguf");
        var page = await (await process.BrowseAsync(fixture.Browser)).NewPageAsync();
        await page.GotoAsync(process.Url.ToString());

        var banner = page.Locator("section.banner.down");
        await Expect(banner).ToContainTextAsync("no-such-model.gguf", new() { Timeout = WorkbenchPage.RunLimit });
        await Expect(banner.GetByRole(AriaRole.Button, new() { Name = "Restart now" })).ToBeVisibleAsync();
    }
}
