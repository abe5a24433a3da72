using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
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
        var layer = (await page.Locator("[data-crop-layer].drawing").BoundingBoxAsync())!;

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
    public async Task Crop_CalledByAnAgent_ShowsThePictureAndFolds()
    {
        await PostTeamAsync("""{"name":"Looker","strategy":"single","agents":[{"name":"Looker","maxTokens":200,"tools":["crop"],"toolUse":"required","sampling":{"seed":5}}]}""");
        var workbench = await WorkbenchPage.OpenAsync(fixture.Browser, _workbench);
        var page = workbench.Page;
        await page.GetByRole(AriaRole.Link, new() { Name = "Teams" }).ClickAsync();
        await page.Locator("[data-team]").First.ClickAsync();
        await page.Locator("[data-use]").ClickAsync();
        await page.Locator("button.scene").First.ClickAsync();
        await Expect(page.Locator("#prompt")).Not.ToHaveValueAsync("");
        await workbench.StartByKeyboardAsync();
        await workbench.WaitForEndAsync();

        var call = page.Locator("details.call[data-call=crop]").First;
        await Expect(call.Locator("summary b")).ToHaveTextAsync("crop");
        await Expect(call.Locator(".result")).ToContainTextAsync("The part follows as a picture");
        await Expect(call.Locator("img")).ToBeVisibleAsync();
        await Expect(call.Locator("img")).ToHaveJSPropertyAsync("complete", true);
        Assert.True(await call.Locator("img").EvaluateAsync<bool>("image => image.naturalWidth > 0"));

        await call.Locator("summary").ClickAsync();
        await Expect(call.Locator(".result")).ToBeHiddenAsync();
    }

    private async Task PostTeamAsync(string team)
    {
        var token = Regex.Match(_workbench.Url.Query, "token=([^&]+)").Groups[1].Value;
        using var client = new HttpClient { BaseAddress = new Uri(_workbench.Url.GetLeftPart(UriPartial.Authority)) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await client.PostAsync("/api/teams", new StringContent(team, Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
