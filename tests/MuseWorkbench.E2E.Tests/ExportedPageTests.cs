using Microsoft.Playwright;
using MuseWorkbench.Core;
using static Microsoft.Playwright.Assertions;

namespace MuseWorkbench.E2E.Tests;

/// <summary>A run as one page, opened from disk without a network: it shows of the run what the workbench shows.</summary>
public sealed class ExportedPageTests(BrowserFixture fixture) : IAsyncLifetime
{
    private Workbench _workbench = null!;

    public async ValueTask InitializeAsync() => _workbench = await Workbench.StartAsync("--Node:Start=false");

    public ValueTask DisposeAsync() => _workbench.DisposeAsync();

    [Fact]
    public async Task Panels_AgentsWithViews_SayThemAsTheWorkbenchDoes()
    {
        var (page, _) = await OpenAsync(Eggs(FinalOutcome.Majority, "2"));

        await Expect(page.Locator("article.panel .view")).ToHaveTextAsync(["×1.5", "⇄ ×2", "top left · grey", "⇄ ×1.25"]);
        await Expect(page.Locator("article.panel").First.Locator(".view")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Places_Boxes_OneLabelEachThingWithHowManyNamedIt()
    {
        var (page, faults) = await OpenAsync(Eggs(FinalOutcome.Majority, "2"));

        await Expect(page.Locator(".frame .tag")).ToHaveTextAsync(["egg3/5", "cup1/5"], new() { UseInnerText = false });
        await Expect(page.Locator(".frame .tag").First).ToBeInViewportAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Agreement" }).ClickAsync();
        await Expect(page.Locator(".frame .tag")).ToHaveCountAsync(0);
        Assert.Empty(faults);
    }

    [Fact]
    public async Task Places_PointedAt_LightTheirWordsAndWordsTheirPlaces()
    {
        var (page, _) = await OpenAsync(Eggs(FinalOutcome.Majority, "2"));
        var words = page.Locator("article.panel .rg");
        await Expect(words).ToHaveTextAsync(["egg", "egg", "egg", "cup"]);

        await words.First.HoverAsync();
        await Expect(page.Locator(".frame g.lit")).ToHaveCountAsync(1);
        await Expect(page.Locator(".rg.lit")).ToHaveTextAsync(["egg"]);
        await page.Locator(".frame .tag").First.HoverAsync();
        await Expect(page.Locator(".frame g.lit")).ToHaveCountAsync(3);
        await Expect(page.Locator(".rg.lit")).ToHaveTextAsync(["egg", "egg", "egg"]);
        await page.Locator(".frame g[data-region='3-1']").HoverAsync();
        await Expect(page.Locator(".rg.lit")).ToHaveTextAsync(["cup"]);
        await page.Locator(".head").HoverAsync();
        await Expect(page.Locator(".lit")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Answer_LeadOverrodeAndAgentsWereSpared_SaysWhyAndWhatItCost()
    {
        var (page, _) = await OpenAsync(Eggs(FinalOutcome.Judged, "3", final => final with
        {
            Verdict = new Verdict(4, VerdictRelation.Overrides) { Reason = "One egg lies <b>behind</b> the cup." },
            EarlyStop = new EarlyStop(EarlyStopReason.Decided, 1, 2, 1234),
        }));

        await Expect(page.Locator(".final .cap")).ToHaveTextAsync("Final answer · chosen by the judge");
        await Expect(page.Locator(".final .verdict")).ToHaveTextAsync("Lead overrides the vote. One egg lies <b>behind</b> the cup.");
        await Expect(page.Locator(".final .stats")).ToHaveTextAsync("agreement 75 % time 12.5 s critical path 81 tok total 1,495 tok saved ≈ 1,234 tok");
        await page.GetByRole(AriaRole.Slider).FillAsync("0");
        await Expect(page.Locator(".final .verdict")).ToBeHiddenAsync();
        await Expect(page.Locator(".final .stats")).Not.ToContainTextAsync("saved");
    }

    [Fact]
    public async Task Answer_CastingVote_SaysWhoDecided()
    {
        var (page, _) = await OpenAsync(Eggs(FinalOutcome.CastingVote, "2"));

        await Expect(page.Locator(".final .cap")).ToHaveTextAsync("Final answer · a tie, the earliest agent decides");
    }

    [Fact]
    public async Task Answer_Structured_IsJsonLineByLineAndStillTiedToItsPlaces()
    {
        const string Json = """{"kind":"values","title":"Eggs, {all}","items":[{"label":"egg","value":2}]}""";
        var (page, _) = await OpenAsync(
        [
            Started(new AgentSpec { Name = "Agent 1" }),
            new AgentStarted { Agent = 0, Name = "Agent 1", Model = "muse-mini", Seed = 1, Member = 0 },
            new AnswerDelta { Agent = 0, Text = Json, Tokens = 20 },
            new RegionFound { Agent = 0, Ordinal = 1, Channel = TextChannel.Answer, TextStart = Json.IndexOf("egg", StringComparison.Ordinal), TextLength = 3, Region = new Region("egg", 0.1, 0.1, 0.3, 0.3) },
            Answered(0, Json),
            new FinalAnswer { Outcome = FinalOutcome.Single, Answer = Json, Agreement = 1, Options = [new VoteOption(Json, Json, [0])] },
            Finished,
        ]);

        const string Lines = "{\n  \"kind\": \"values\",\n  \"title\": \"Eggs, {all}\",\n  \"items\": [\n    {\n      \"label\": \"egg\",\n      \"value\": 2\n    }\n  ]\n}";
        Assert.Equal(Lines, await page.Locator("article.panel .ans").TextContentAsync());
        Assert.Equal(Lines, await page.Locator(".final .answer").TextContentAsync());
        await Expect(page.Locator(".ans .rg")).ToHaveTextAsync(["egg"]);
        await Expect(page.Locator(".final .votes")).ToHaveTextAsync("Eggs, {all}: 1");
    }

    private static RunFinished Finished => new() { Outcome = RunOutcome.Completed, WallClockMs = 12_500, TotalTokens = 1495, CriticalPathTokens = 81 };

    /// <summary>Four agents who each see the image otherwise, three of them an egg and one a cup; and a lead.</summary>
    private static RunEvent[] Eggs(FinalOutcome outcome, string answer, Func<FinalAnswer, FinalAnswer>? change = null)
    {
        ViewSpec?[] views = [null, new() { Scale = 1.5 }, new() { Flip = true, Scale = 2 }, new() { Area = ViewArea.TopLeft, Tone = ViewTone.Grey, Enlarge = true }];
        var seen = new SeenImage(new NormalizedBox(0, 0, 1, 1), false, ViewTone.AsIs, 192, 192);
        var final = new FinalAnswer { Outcome = outcome, Answer = answer, Agreement = 0.75, Options = [new VoteOption("2", "2", [0, 1, 2]), new VoteOption("1", "1", [3])] };
        return
        [
            Started([.. views.Select((view, i) => new AgentSpec { Name = $"Agent {i + 1}", View = view })]),
            .. Enumerable.Range(0, 4).SelectMany(i => Sees(i, i == 3 ? "cup" : "egg", i == 3 ? 0.6 : 0.1 + (0.01 * i))),
            new AgentStarted { Agent = 4, Name = "Lead", Model = "muse-mini", Seed = 1, Stage = 2, Role = AgentRole.Judge, Seen = [seen] },
            Answered(4, answer),
            change?.Invoke(final) ?? final,
            Finished,
        ];

        IEnumerable<RunEvent> Sees(int agent, string thing, double at) =>
        [
            new AgentStarted { Agent = agent, Name = $"Agent {agent + 1}", Model = "muse-mini", Seed = 1, Member = agent, Seen = [seen] },
            new ReasoningDelta { Agent = agent, Text = $"I see an {thing} here.", Tokens = 10 },
            new RegionFound { Agent = agent, Ordinal = 1, Channel = TextChannel.Reasoning, TextStart = 9, TextLength = 3, Region = new Region(thing, at, at, at + 0.3, at + 0.3) },
            Answered(agent, agent == 3 ? "1" : "2"),
        ];
    }

    private static RunStarted Started(params AgentSpec[] agents) => new()
    {
        Request = new RunRequest
        {
            Prompt = "How many eggs are there?", Images = [RunFile.Image],
            Team = new TeamSpec { Name = "Sizes", Agents = [.. agents], Lead = new AgentSpec { Name = "Lead", View = new() { Flip = true, Scale = 1.25 } } },
        },
    };

    private static AgentFinished Answered(int agent, string answer) => new()
    {
        Agent = agent, Outcome = AgentOutcome.Answered, Answer = answer, NormalisedAnswer = answer, Usage = new(90, 0, 20), Timings = new(1, 1, 1, 1, 1),
    };

    private async Task<(IPage Page, List<string> Faults)> OpenAsync(RunEvent[] events)
    {
        var context = await _workbench.BrowseAsync(fixture.Browser);
        var page = await context.NewPageAsync();
        await page.GotoAsync(_workbench.Url.ToString());
        var (id, document) = RunFile.Of(events);
        await RunFile.ImportAsync(context, _workbench.Url, document);
        var file = Path.Combine(_workbench.Data, $"{id}.html");
        var export = await context.APIRequest.GetAsync(new Uri(_workbench.Url, $"/api/runs/{id}/export.html").ToString());
        await File.WriteAllBytesAsync(file, await export.BodyAsync(), TestContext.Current.CancellationToken);
        List<string> faults = [];
        page.Console += (_, message) => faults.Add(message.Text);
        page.PageError += (_, error) => faults.Add(error);
        await page.GotoAsync(new Uri(file).AbsoluteUri);
        return (page, faults);
    }
}
