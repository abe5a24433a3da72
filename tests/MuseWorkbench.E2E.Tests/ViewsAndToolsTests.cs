using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MuseWorkbench.E2E.Tests;

public sealed class ViewsAndToolsTests(BrowserFixture fixture) : IAsyncLifetime
{
    private Workbench _workbench = null!;

    public async ValueTask InitializeAsync() => _workbench = await Workbench.StartAsync();

    public ValueTask DisposeAsync() => _workbench.DisposeAsync();

    [Fact]
    public async Task Crop_DrawnOnTheImage_IsAllThatAgentsSee()
    {
        var workbench = await WorkbenchPage.OpenAsync(fixture.Browser, _workbench);
        var page = workbench.Page;
        await page.Locator("button.scene").First.ClickAsync();
        await Expect(page.Locator("#prompt")).Not.ToHaveValueAsync("");
        await page.GetByRole(AriaRole.Button, new() { Name = "Draw a rectangle" }).ClickAsync();
        var layer = (await page.Locator("[data-crop-layer].drawing[data-attached]").BoundingBoxAsync())!;

        await page.Mouse.MoveAsync(layer.X + (layer.Width * 0.5f), layer.Y + (layer.Height * 0.5f));
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(layer.X + layer.Width, layer.Y + layer.Height, new() { Steps = 4 });
        await page.Mouse.UpAsync();

        await Expect(page.Locator("[data-crop]")).ToBeVisibleAsync();
        var width = int.Parse((await page.Locator("#crop-right").InputValueAsync()), CultureInfo.InvariantCulture);
        Assert.InRange(int.Parse(await page.Locator("#crop-left").InputValueAsync(), CultureInfo.InvariantCulture), (width / 2) - 2, (width / 2) + 2);

        // What the pointer did can be done by numbers, too.
        await page.Locator("#crop-top").FillAsync("0");
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.Locator("[data-crop]")).ToHaveAttributeAsync("style", new Regex("top:0%"));
        await workbench.AskAsync("What is on the table?");
        await workbench.StartByKeyboardAsync();
        await Expect(workbench.Panels).ToHaveCountAsync(8);
        await workbench.WaitForEndAsync();

        await Expect(page.Locator("[data-view]")).ToHaveTextAsync([.. Enumerable.Repeat("drawn", 8)]);
        var boxes = await page.Locator(".stage .bx-tag").EvaluateAllAsync<string[]>("tags => tags.map(tag => tag.dataset.box)");
        Assert.NotEmpty(boxes);
        Assert.All(boxes, box => Assert.InRange(double.Parse(box.Split(' ')[0], CultureInfo.InvariantCulture), 0.49, 1));
    }

    [Fact]
    public async Task Calculator_CalledByTheModel_IsShownInThePanelWithItsResult()
    {
        var workbench = await WorkbenchPage.OpenAsync(fixture.Browser, _workbench);
        var page = workbench.Page;
        await page.Locator("button.scene").Filter(new() { HasText = "How many calories" }).First.ClickAsync();
        await Expect(page.Locator("#prompt")).Not.ToHaveValueAsync("");
        await workbench.StartByKeyboardAsync();
        await Expect(workbench.Panels).ToHaveCountAsync(8);
        await workbench.WaitForEndAsync();

        var call = page.Locator("details.call[data-call=calculator]").First;
        await Expect(call.Locator("summary b")).ToHaveTextAsync("calculator");
        await Expect(call.Locator(".result")).ToHaveTextAsync(new Regex("^→ [0-9]+$"));
    }

    /// <summary>The bundled model asks for what is on the plate, then adds it up; another process shows both from the store.</summary>
    [Fact]
    public async Task NutritionAndCalculator_CalledByTheModel_AreShownKeptAndAddUp()
    {
        using var client = _workbench.NewClient();
        using var image = await client.PostAsync("/images?name=lunch.png", new ByteArrayContent(await File.ReadAllBytesAsync(Repository.Sample("scene-07.png"), TestContext.Current.CancellationToken)), TestContext.Current.CancellationToken);
        var sha256 = JsonNode.Parse(await image.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["sha256"]!.GetValue<string>();
        var agents = new JsonArray([.. Enumerable.Range(1, 4).Select(n => new JsonObject
        {
            ["name"] = $"A{n}", ["maxTokens"] = 400, ["tools"] = new JsonArray("nutrition", "calculator"), ["sampling"] = new JsonObject { ["temperature"] = 0 },
        })]);
        var run = await PostAsync("/api/runs", new JsonObject
        {
            ["prompt"] = "What is the energy of this meal?", ["images"] = new JsonArray(new JsonObject { ["sha256"] = sha256 }), ["team"] = new JsonObject { ["name"] = "Four", ["agents"] = agents },
        }.ToJsonString());
        var id = JsonNode.Parse(run)!["runId"]!.GetValue<string>();
        await client.GetStringAsync($"/api/runs/{id}/events", TestContext.Current.CancellationToken); // ends with the run

        await _workbench.KillAsync();
        await using var again = await _workbench.StartAgainAsync();
        var page = (await WorkbenchPage.OpenAsync(fixture.Browser, again)).Page;
        await page.GotoAsync(new Uri(again.Url, $"/runs/{id}").ToString());
        await Expect(page.Locator("article.panel")).ToHaveCountAsync(4);
        foreach (var panel in await page.Locator("article.panel").AllAsync())
        {
            await Expect(panel.Locator("details.call")).ToHaveCountAsync(2);
            await Expect(panel.Locator("details.call[data-call=nutrition] .result")).ToHaveTextAsync(new Regex("^→ \\{\"bread\":81,\"cheese\":113,\"donut\":253\\}$"));
            var sum = await panel.Locator("details.call[data-call=calculator] .result").InnerTextAsync();
            await Expect(panel.Locator(".ans")).ToHaveTextAsync($"{sum["→ ".Length..]} kcal");
        }
    }

    [Fact]
    public async Task Crop_Returned_ShowsThePictureAndFolds()
    {
        var runId = Guid.NewGuid();
        var picture = await File.ReadAllBytesAsync(Repository.Sample("scene-02.png"), TestContext.Current.CancellationToken);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(picture));
        var seq = 0;
        await PostAsync("/api/runs/import", new JsonObject
        {
            ["format"] = "muse-run", ["version"] = 1,
            ["images"] = new JsonArray(new JsonObject { ["sha256"] = sha256, ["mediaType"] = "image/png", ["data"] = Convert.ToBase64String(picture) }),
            ["events"] = new JsonArray(
                Event("run.started", """{"request":{"prompt":"?","images":[],"team":{"name":"T","agents":[{"name":"A"}]}}}"""),
                Event("agent.started", """{"agent":0,"name":"A","model":"m","seed":1,"member":0}"""),
                Event("tool.called", """{"agent":0,"callId":"c","tool":"crop","arguments":"{\"box\":[0,0,500,500]}"}"""),
                Event("tool.returned", $$"""{"agent":0,"callId":"c","result":"The part follows.","image":{"sha256":"{{sha256}}","mediaType":"image/png","width":9,"height":9,"name":"part"} }"""),
                Event("run.finished", """{"outcome":"completed","wallClockMs":1,"totalTokens":1,"criticalPathTokens":1}""")),
        }.ToJsonString());
        var workbench = await WorkbenchPage.OpenAsync(fixture.Browser, _workbench);
        var page = workbench.Page;
        await page.GotoAsync(new Uri(_workbench.Url, $"/runs/{runId}").ToString());

        var call = page.Locator("details.call[data-call=crop]");
        await Expect(call.Locator(".result")).ToHaveTextAsync("→ The part follows.");
        await Expect(call.Locator("img")).ToBeVisibleAsync();
        await Expect(call.Locator("img")).ToHaveJSPropertyAsync("complete", true);
        Assert.True(await call.Locator("img").EvaluateAsync<bool>("image => image.naturalWidth > 0"));

        await call.Locator("summary").ClickAsync();
        await Expect(call.Locator(".result")).ToBeHiddenAsync();

        JsonNode Event(string type, string fields)
        {
            var node = new JsonObject { ["type"] = type, ["runId"] = runId.ToString(), ["seq"] = ++seq, ["at"] = "2026-01-01T12:00:00+00:00" };
            foreach (var (name, value) in JsonNode.Parse(fields)!.AsObject())
            {
                node[name] = value?.DeepClone();
            }
            return node;
        }
    }

    private async Task<string> PostAsync(string address, string json)
    {
        var token = Regex.Match(_workbench.Url.Query, "token=([^&]+)").Groups[1].Value;
        using var client = new HttpClient { BaseAddress = new Uri(_workbench.Url.GetLeftPart(UriPartial.Authority)) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await client.PostAsync(address, new StringContent(json, Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        var said = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, said);
        return said;
    }
}
