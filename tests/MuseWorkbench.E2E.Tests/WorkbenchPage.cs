using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace MuseWorkbench.E2E.Tests;

/// <summary>The workbench as a user sees and works it.</summary>
internal sealed class WorkbenchPage(IPage page)
{
    /// <summary>Everything a run does happens within this; only a hang takes longer.</summary>
    public const float RunLimit = 60_000;

    public IPage Page => page;

    public ILocator Panels => page.Locator("article.panel");

    public ILocator Boxes => page.Locator(".stage svg g");

    public ILocator FinalAnswer => page.Locator("section.final .answer");

    public static async Task<WorkbenchPage> OpenAsync(IBrowser browser, Workbench workbench, BrowserNewContextOptions? options = null)
    {
        var context = await workbench.BrowseAsync(browser, options);
        context.SetDefaultTimeout(30_000);
        var page = await context.NewPageAsync();
        await page.GotoAsync(workbench.Url.ToString());
        var workbenchPage = new WorkbenchPage(page);
        await workbenchPage.WaitForEngineAsync();
        await ListensAsync(page);
        return workbenchPage;
    }

    public Task WaitForEngineAsync() =>
        Assertions.Expect(page.GetByRole(AriaRole.Link, new() { NameRegex = new Regex("ready$") })).ToBeVisibleAsync(new() { Timeout = RunLimit });

    /// <summary>Waits until the page listens to its keys: its script comes after what it shows.</summary>
    public static Task ListensAsync(IPage page, string keys = "workbench") => Assertions.Expect(page.Locator($"html[data-keys='{keys}']")).ToBeAttachedAsync();

    public async Task UploadAsync(params FilePayload[] files)
    {
        await page.SetInputFilesAsync("#browse", files);
    }

    public async Task UploadAsync(string path)
    {
        await page.SetInputFilesAsync("#browse", path);
        await Assertions.Expect(page.Locator(".strip .thumb")).ToHaveCountAsync(1);
    }

    /// <summary>Picks the first sample scene, waits until image and question are there, and starts.</summary>
    public async Task RunSampleAsync()
    {
        await page.Locator("button.scene").First.ClickAsync();
        await Assertions.Expect(page.Locator("#prompt")).Not.ToHaveValueAsync("");
        // The image moves what lies below it on a narrow page.
        await Assertions.Expect(page.Locator(".strip .thumb")).ToHaveCountAsync(1);
        await StartByKeyboardAsync();
        await Assertions.Expect(Panels).ToHaveCountAsync(8);
    }

    public Task AskAsync(string question) => page.GetByLabel("Question", new() { Exact = true }).And(page.Locator("textarea")).FillAsync(question);

    /// <summary>Sets the team by the same fields a user would.</summary>
    public async Task SetTeamAsync(int? agents = null, double? temperature = null, int? tokens = null)
    {
        await page.Locator("details.team > summary").ClickAsync();
        if (agents is { } n)
        {
            await page.Locator("#team-agents").FillAsync($"{n}");
        }
        if (temperature is { } t)
        {
            await page.Locator("#team-temperature").FillAsync(t.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
        if (tokens is { } k)
        {
            await page.Locator("#team-tokens").FillAsync($"{k}");
            await page.Keyboard.PressAsync("Tab");
        }
        // On a narrow page the menu lies over its own button.
        await page.Keyboard.PressAsync("Escape");
    }

    public async Task StartByKeyboardAsync()
    {
        await page.Locator("#prompt").FocusAsync();
        await page.Keyboard.PressAsync("Control+Enter");
    }

    /// <summary>Starts a run whose agents, so hot, ramble on, on an engine slowed down from then on: long enough to act on.</summary>
    /// <returns>The panel of one that has begun to think; some may answer at once.</returns>
    public async Task<ILocator> StartLongRunAsync(Workbench workbench)
    {
        _ = workbench.Engine.Slow();
        await UploadAsync(Repository.Sample("scene-02.png"));
        await AskAsync("What is on the table?");
        await SetTeamAsync(temperature: 2, tokens: 3000);
        await StartByKeyboardAsync();
        var thinking = Panels.Filter(new() { Has = page.Locator(".think:not(:has(.wait))", new() { HasTextRegex = new Regex(@"\w{3}") }) }).First;
        var agent = await thinking.GetAttributeAsync("data-agent");
        return page.Locator($"article.panel[data-agent='{agent}']");
    }

    public Task WaitForEndAsync() =>
        Assertions.Expect(page.Locator("[data-run]")).ToBeVisibleAsync(new() { Timeout = RunLimit });

    /// <summary>Records, in the page, when each panel's text first and last changed.</summary>
    public Task WatchPanelsAsync() => page.EvaluateAsync("""
        () => {
          const times = window.panelTimes = {};
          new MutationObserver(changes => {
            for (const change of changes) {
              const element = change.target.nodeType === 1 ? change.target : change.target.parentElement;
              const panel = element?.closest?.('article.panel');
              if (!panel || !panel.querySelector('.think')?.textContent.trim()) continue;
              if (panel.querySelector('.think .wait')) continue;
              const now = performance.now();
              (times[panel.dataset.agent] ??= { first: now }).last = now;
            }
          }).observe(document.body, { subtree: true, childList: true, characterData: true });
        }
        """);

    public Task<Dictionary<string, PanelTimes>> PanelTimesAsync() =>
        page.EvaluateAsync<Dictionary<string, PanelTimes>>("() => window.panelTimes");

    internal sealed record PanelTimes
    {
        public double First { get; set; }
        public double Last { get; set; }
    }
}
