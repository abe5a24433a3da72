using System.Net;
using MuseWorkbench.EngineNode.Tests.Fakes;

namespace MuseWorkbench.EngineNode.Tests.Images;

public sealed class InspectTests
{
    [Fact]
    public async Task Inspect_Image_TellsSizeTypeAndLooks()
    {
        await using var node = await TestNode.StartAsync();

        using var response = await PostAsync(node, FakeEngine.Png);

        Assert.Equal("""{"width":2,"height":3,"mediaType":"image/png","differenceHash":"0000000000000000"}""", (await response.JsonAsync()).ToJsonString());
    }

    public static TheoryData<byte[]> NotImages { get; } =
    [
        Array.Empty<byte>(),
        "GIF89a"u8.ToArray(),
        "<svg xmlns='x'/>"u8.ToArray(),
        "RIFF....WAVE"u8.ToArray(),
        new byte[] { 0x89, (byte)'P', (byte)'N', (byte)'G', 0 }, // the right signature, but the decoder refuses
        new byte[] { 0xFF, 0xD8, 0xFF },
    ];

    [Theory]
    [MemberData(nameof(NotImages))]
    public async Task Inspect_NotAnImage_Gives400(byte[] body)
    {
        await using var node = await TestNode.StartAsync();

        using var response = await PostAsync(node, body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("invalid_image", (string)(await response.JsonAsync())["error"]!["code"]!);
    }

    private static Task<HttpResponseMessage> PostAsync(TestNode node, byte[] body) =>
        node.Client.PostAsync("/v1/images/inspect", new ByteArrayContent(body), Deadline.Token);
}
