using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MuseWorkbench.E2E.Tests;

/// <summary>Looking into a run, and stepping in while it goes on.</summary>
public sealed class RunCourseTests(BrowserFixture fixture) : IAsyncLifetime
{
    private Workbench _workbench = null!;

    public async ValueTask InitializeAsync() => _workbench = await Workbench.StartAsync();

    public ValueTask DisposeAsync() => _workbench.DisposeAsync();

    [Fact]
    public async Task Run_UnderWay_BoxesAreThereBeforeTheirAgentIsDone()
    {
        var workbench = await WorkbenchPage.OpenAsync(fixture.Browser, _workbench);
        await workbench.UploadAsync(Repository.Sample("scene-07.png"));
        await workbench.AskAsync("List the items.");
        await workbench.SetTeamAsync(agents: 16, temperature: 1.2, tokens: 512);
        using (_workbench.Engine.Slow())
        {
            await workbench.StartByKeyboardAsync();

            // In one look: a box on the image, and an agent that named a place and is not done.
            await workbench.Page.WaitForFunctionAsync(
                "() => document.querySelector('.stage svg g') && document.querySelector('article.panel:not(.over) .think [data-region]')", null, new() { Timeout = WorkbenchPage.RunLimit });
        }

        await workbench.WaitForEndAsync();
    }

    [Fact]
    public async Task AnswerNow_Thinking_AnswersFromWhatItHas()
    {
        var workbench = await WorkbenchPage.OpenAsync(fixture.Browser, _workbench);
        // Each agent is told as soon as its first thought is on the page; so hot, some end their thinking by themselves before.
        await workbench.Page.EvaluateAsync("""
            () => new MutationObserver(() => {
              for (const panel of document.querySelectorAll('article.panel:not(.over, [data-told])')) {
                if (panel.querySelector('.wait') || !/\w{3}/.test(panel.querySelector('.think')?.textContent) || !panel.querySelector('[data-answer-now]')) continue;
                panel.dataset.told = '';
                panel.querySelector('[data-answer-now]').click();
              }
            }).observe(document.body, { subtree: true, childList: true })
            """);
        await workbench.StartLongRunAsync(_workbench);
        await workbench.Page.WaitForFunctionAsync("() => document.querySelector('article.panel[data-told] .ans:not(.none)')");
        await workbench.Page.Keyboard.PressAsync("Escape");
        await workbench.WaitForEndAsync();

        // What it had thought stays, and its second call went on behind it.
        var agent = await workbench.Page.EvaluateAsync<int>("""
            async () => {
              const events = await (await fetch(`/api${location.pathname}/events`)).text();
              return JSON.parse(events.match(/{"type":"agent.answerNow"[^\n]*/)[0]).agent;
            }
            """);
        var panel = workbench.Page.Locator($"article.panel[data-agent='{agent}']");
        Assert.NotEqual("", (await panel.Locator(".think").InnerTextAsync()).Trim());
        await panel.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^More of") }).ClickAsync();
        await panel.Locator("[data-raw]").ClickAsync();
        var calls = workbench.Page.Locator("dialog[data-calls]");
        await Expect(calls.Locator("[data-call='2']")).ToContainTextAsync("goes on with what the agent had begun");
        await Expect(calls.Locator("[data-call='1'] [data-prompt-text]")).ToContainTextAsync("<__media__>");
        await Expect(calls.Locator("[data-call='1'] [data-output-text]")).ToContainTextAsync("<think>");
        await calls.GetByRole(AriaRole.Button, new() { Name = "Close" }).PressAsync("Escape");
        await Expect(calls).ToBeHiddenAsync();
    }

    [Fact]
    public async Task Course_Finished_TimelineVotesAgreementAndDifferencesAreThere()
    {
        var workbench = await WorkbenchPage.OpenAsync(fixture.Browser, _workbench);
        await workbench.RunSampleAsync();
        await workbench.WaitForEndAsync();
        var course = workbench.Page.Locator("[data-runview]");
        await Expect(course.Locator("[data-lane]")).ToHaveCountAsync(8);
        await Expect(course.GetByRole(AriaRole.Img, new() { NameRegex = new Regex("^batch rows: at most") })).ToBeVisibleAsync();

        await Expect(course.Locator("[data-attached]")).ToHaveCountAsync(1);
        // By keyboard alone: a moment near the end, and the words of one agent then.
        await course.GetByRole(AriaRole.Slider).FocusAsync();
        await workbench.Page.Keyboard.PressAsync("End");
        for (var i = 0; i < 12; i++)
        {
            await workbench.Page.Keyboard.PressAsync("ArrowLeft");
        }

        await Expect(course.Locator("[data-moment] .words")).ToHaveCountAsync(8);
        await course.GetByRole(AriaRole.Button, new() { Name = "Words of Agent 3 at the moment" }).PressAsync("Enter");
        await Expect(course.Locator("[data-moment] .words")).ToHaveCountAsync(1);
        await Expect(course.Locator("[data-moment]")).ToContainTextAsync("rows");
        await workbench.Page.Keyboard.PressAsync("Escape");
        await Expect(course.Locator("[data-moment]")).ToHaveCountAsync(0);

        await course.GetByRole(AriaRole.Tab, new() { Name = "Votes" }).ClickAsync();
        await Expect(course.Locator(".casts li")).ToHaveCountAsync(8);
        await course.GetByRole(AriaRole.Tab, new() { Name = "Agreement" }).ClickAsync();
        await Expect(course.Locator("[data-group] .name")).ToHaveCountAsync(8);
        await course.GetByRole(AriaRole.Tab, new() { Name = "Differences" }).ClickAsync();
        await course.GetByLabel("Compare to").SelectOptionAsync("0");
        await Expect(course.Locator("[data-diff-count]")).ToHaveTextAsync("the same words");

        // The same in replay, at its end.
        await workbench.Page.GetByRole(AriaRole.Button, new() { Name = "Replay" }).ClickAsync();
        await workbench.Page.GetByRole(AriaRole.Button, new() { Name = "Instant" }).ClickAsync();
        await course.GetByRole(AriaRole.Tab, new() { Name = "Votes" }).ClickAsync();
        await Expect(course.Locator(".casts li")).ToHaveCountAsync(8);
    }

    [Fact]
    public async Task AskAgain_OneAgent_RunOfItsOwnThatNamesItsOrigin()
    {
        var workbench = await WorkbenchPage.OpenAsync(fixture.Browser, _workbench);
        await workbench.RunSampleAsync();
        await workbench.WaitForEndAsync();
        var before = new Uri(workbench.Page.Url).AbsolutePath;
        var panel = workbench.Panels.Nth(2);
        await panel.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^More of") }).ClickAsync();
        await panel.Locator("[data-rerun]").ClickAsync();

        await Expect(workbench.Panels).ToHaveCountAsync(1);
        await workbench.WaitForEndAsync();
        await Expect(workbench.Page.Locator("[data-rerun-of] a").First).ToHaveAttributeAsync("href", before.TrimStart('/'));
        await Expect(workbench.FinalAnswer).Not.ToHaveTextAsync("");
    }
}
