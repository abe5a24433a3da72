using System.Net;
using MuseWorkbench.Core;
using MuseWorkbench.EngineNode.Tests.Fakes;

namespace MuseWorkbench.EngineNode.Tests.Images;

public sealed class ViewTests
{
    [Fact]
    public async Task View_Part_IsAPngOfThatSize()
    {
        await using var node = await TestNode.StartAsync();

        using var response = await PostAsync(node, "view?left=1&top=1&width=1&height=2&flip=true&tone=grey&shownWidth=20&shownHeight=40");

        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Deadline.Token));
        Assert.Equal("image/png", response.Content.Headers.ContentType!.MediaType);
        var header = ImageHeader.TryRead(await response.Content.ReadAsByteArrayAsync(Deadline.Token))!.Value;
        Assert.Equal((20, 40), (header.Width, header.Height));
    }

    [Fact]
    public async Task Colour_Whole_IsItsMean()
    {
        await using var node = await TestNode.StartAsync();

        using var response = await PostAsync(node, "colour");

        Assert.Equal("""{"r":0,"g":0,"b":0}""", (await response.JsonAsync()).ToJsonString());
    }

    [Theory]
    [InlineData("view?left=2")]
    [InlineData("view?width=3&left=0")]
    [InlineData("view?left=-1&width=1")]
    [InlineData("view?shownWidth=100000")]
    [InlineData("view?left=x")]
    [InlineData("view?tone=sepia")]
    [InlineData("view?tone=77")]
    [InlineData("colour?height=0")]
    public async Task View_NotOfTheImage_Gives400(string query)
    {
        await using var node = await TestNode.StartAsync();

        using var response = await PostAsync(node, query);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task View_NotAnImage_Gives400()
    {
        await using var node = await TestNode.StartAsync();

        using var response = await node.Client.PostAsync("/v1/images/view", new ByteArrayContent("GIF89a"u8.ToArray()), Deadline.Token);

        Assert.Equal("invalid_image", (string)(await response.JsonAsync())["error"]!["code"]!);
    }

    private static Task<HttpResponseMessage> PostAsync(TestNode node, string query) =>
        node.Client.PostAsync($"/v1/images/{query}", new ByteArrayContent(FakeEngine.Png), Deadline.Token);
}
