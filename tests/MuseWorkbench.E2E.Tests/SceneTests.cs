using Microsoft.Playwright;
using MuseWorkbench.Core;
using static Microsoft.Playwright.Assertions;

namespace MuseWorkbench.E2E.Tests;

/// <summary>Structured answers and places on the image, by pointer, keyboard and touch.</summary>
public sealed class SceneTests(BrowserFixture fixture) : IAsyncLifetime
{
    private const string Food = """{"kind":"food","title":"Breakfast","items":[{"label":"egg","score":8,"energyKcal":78,"carbohydrateG":0.6,"proteinG":6.3,"fatG":5.3,"text":"One is enough."},{"label":"bacon","score":2,"energyKcal":120}]}""";

    private Workbench _workbench = null!;

    public async ValueTask InitializeAsync() => _workbench = await Workbench.StartAsync("--Node:Start=false");

    public ValueTask DisposeAsync() => _workbench.DisposeAsync();

    [Fact]
    public async Task Food_FocusHoverAndTap_ShowTheCardAndLightThePlace()
    {
        var page = await OpenAsync(Run(Food, new Region("egg", 0.1, 0.1, 0.4, 0.4), new Region("bacon", 0.6, 0.5, 0.9, 0.9)), hasTouch: true);
        var egg = page.Locator(".stage .pin").First;
        var card = page.Locator(".stage .facts").First;
        await Expect(egg).ToHaveTextAsync("8");
        await Expect(card).ToBeHiddenAsync();

        // By keyboard alone.
        await page.Locator(".stage .large").FocusAsync();
        await page.Keyboard.PressAsync("Shift+Tab");
        await page.Keyboard.PressAsync("Shift+Tab");
        await Expect(egg).ToBeFocusedAsync();
        await Expect(card).ToContainTextAsync("Carbohydrate");
        await Expect(card).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(card).ToBeHiddenAsync();

        // By touch.
        await page.Locator(".stage .pin").Nth(1).TapAsync();
        await Expect(page.Locator(".stage .facts").Nth(1)).ToBeVisibleAsync();

        // From the words to the image, and back.
        var unlit = await Background(page, ".scene .item");
        await page.Locator("section.final .item").First.HoverAsync();
        await Expect(page.Locator(".stage .bx[data-region='0-1']")).ToHaveCSSAsync("opacity", "1");
        await Expect(page.Locator(".stage .bx[data-region='0-2']")).ToHaveCSSAsync("opacity", "0");
        await egg.HoverAsync();
        await Expect(page.Locator("section.final .item").First).Not.ToHaveCSSAsync("background-color", unlit);
    }

    [Fact]
    public async Task Point_HoveredEitherWay_LightsItsWords()
    {
        var page = await OpenAsync(Run("the tip of it", new Region("tip", 0.5, 0.25, 0.5, 0.25)));
        var words = page.Locator(".ans [data-region='0-1']");
        await Expect(words).ToHaveTextAsync("the");

        await words.HoverAsync();
        await Expect(page.Locator(".stage .bx[data-region='0-1']")).ToHaveCSSAsync("opacity", "1");

        await page.GetByRole(AriaRole.Button, new() { Name = "All", Exact = true }).ClickAsync();
        var unlit = await Background(page, ".ans [data-region='0-1']");
        // A dot has no area to aim at; it stands at the middle of the upper half.
        var image = (await page.Locator(".stage .frame").BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(image.X + (image.Width * 0.5f), image.Y + (image.Height * 0.25f));
        await Expect(words).Not.ToHaveCSSAsync("background-color", unlit);
    }

    private static Task<string> Background(IPage page, string selector) =>
        page.Locator(selector).First.EvaluateAsync<string>("el => getComputedStyle(el).backgroundColor");

    private async Task<IPage> OpenAsync((Guid Id, byte[] Document) run, bool hasTouch = false)
    {
        var context = await _workbench.BrowseAsync(fixture.Browser, new() { ViewportSize = new() { Width = 1440, Height = 900 }, HasTouch = hasTouch });
        var page = await context.NewPageAsync();
        await page.GotoAsync(_workbench.Url.ToString());
        await RunFile.ImportAsync(context, _workbench.Url, run.Document);
        await page.GotoAsync(new Uri(_workbench.Url, $"/runs/{run.Id}").ToString());
        await Expect(page.Locator("article.panel")).ToHaveCountAsync(1);
        await WorkbenchPage.ListensAsync(page);
        return page;
    }

    /// <summary>One agent's answer, its places named by its first words or items in order.</summary>
    private static (Guid Id, byte[] Document) Run(string answer, params Region[] places) => RunFile.Of(
    [
        new RunStarted { Request = new RunRequest { Prompt = "What is here?", Images = [RunFile.Image], Team = new TeamSpec { Name = "One", Agents = [new AgentSpec { Name = "Agent 1" }] } } },
        new AgentStarted { Agent = 0, Name = "Agent 1", Model = "muse-mini", Seed = 1, Member = 0 },
        new AnswerDelta { Agent = 0, Text = answer, Tokens = 9 },
        .. places.Select((place, i) => new RegionFound
        {
            Agent = 0, Ordinal = i + 1, Channel = TextChannel.Answer, Region = place,
            TextStart = Math.Max(0, answer.IndexOf($"\"{place.Label}\"", StringComparison.Ordinal) + 1), TextLength = 3,
        }),
        new AgentFinished { Agent = 0, Outcome = AgentOutcome.Answered, Answer = answer, NormalisedAnswer = answer, Usage = new(1, 0, 9), Timings = new(1, 1, 1, 1, 1) },
        new FinalAnswer { Outcome = FinalOutcome.Single, Answer = answer, Agreement = 1, Options = [new VoteOption(answer, answer, [0])] },
        new RunFinished { Outcome = RunOutcome.Completed, WallClockMs = 9, TotalTokens = 9, CriticalPathTokens = 9 },
    ]);
}
