using System.Net;
using System.Net.Http.Headers;
using System.Text;
using MuseWorkbench.EngineNode.Tests.Fakes;

namespace MuseWorkbench.EngineNode.Tests.Chat;

/// <summary>Bodies of every wrong shape: the client's fault, so 4xx and never 5xx.</summary>
public sealed class ChatBodyTests
{
    private static readonly string s_png = Convert.ToBase64String(FakeEngine.Png);

    [Theory]
    [InlineData("", null)]
    [InlineData("{", null)]
    [InlineData("null", null)]
    [InlineData("[]", null)]
    [InlineData("5", null)]
    [InlineData("\"x\"", null)]
    [InlineData("NaN", null)]
    [InlineData("{\"temperature\":NaN,\"messages\":[]}", null)]
    [InlineData("{} trailing", null)]
    [InlineData("{}", "messages")]
    [InlineData("{\"messages\":null}", "messages")]
    [InlineData("{\"messages\":\"hi\"}", "messages")]
    [InlineData("{\"messages\":{}}", "messages")]
    [InlineData("{\"messages\":[]}", "messages")]
    [InlineData("{\"messages\":[123]}", "messages[0]")]
    [InlineData("{\"messages\":[null]}", "messages[0]")]
    [InlineData("{\"messages\":[[]]}", "messages[0]")]
    [InlineData("{\"messages\":[{\"content\":\"x\"}]}", "messages[0].role")]
    [InlineData("{\"messages\":[{\"role\":5,\"content\":\"x\"}]}", "messages[0].role")]
    [InlineData("{\"messages\":[{\"role\":\"function\",\"content\":\"x\"}]}", "messages[0].role")]
    [InlineData("{\"messages\":[{\"role\":\"user\"}]}", "messages[0].content")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":null}]}", "messages[0].content")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":5}]}", "messages[0].content")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":[]}]}", "messages[0].content")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":[\"x\"]}]}", "messages[0].content[0]")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\"}]}]}", "messages[0].content[0].text")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":5}]}]}", "messages[0].content[0].text")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_audio\"}]}]}", "messages[0].content[0].type")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\"}]}]}", "messages[0].content[0].image_url")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":5}}]}]}", "messages[0].content[0].image_url")]
    [InlineData("{\"messages\":[{\"role\":\"assistant\",\"content\":\"x\",\"tool_calls\":[{}]}]}", "messages[0].tool_calls[0]")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":\"a\",\"content\":\"b\"}]}", null)]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":\"\\ud800\"}]}", null)]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"\\ud800\":1}", null)]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"model\":\"\\udc00\"}", null)]
    public async Task Complete_WrongShape_Gives400(string body, string? param)
    {
        await using var node = await TestNode.StartAsync();

        using var response = await node.ChatAsync(body);
        var error = (await response.JsonAsync())["error"]!;

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("invalid_request_error", (string)error["type"]!);
        Assert.Equal(param, (string?)error["param"]);
        Assert.Empty(node.Engine.Requests);
    }

    [Theory]
    [InlineData("http://example.com/a.png")]
    [InlineData("https://example.com/a.png")]
    [InlineData("file:///etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("")]
    [InlineData("data:")]
    [InlineData("data:image/png;base64")]
    [InlineData("data:image/png;base64,")]
    [InlineData("data:image/png;base64,###")]
    [InlineData("data:image/png;base64,data:image/png;base64,iVBO")]
    [InlineData("data:image/png,iVBO")]
    [InlineData("data:image/gif;base64,iVBO")]
    [InlineData("data:image/svg+xml;base64,iVBO")]
    [InlineData("data:text/html;base64,iVBO")]
    [InlineData("data:image/png;base64,AAAA")]
    public async Task Complete_BadImage_Gives400NamingIt(string url)
    {
        await using var node = await TestNode.StartAsync();

        using var response = await node.ChatAsync(Image(url));
        var error = (await response.JsonAsync())["error"]!;

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("messages[0].content[0].image_url.url", (string)error["param"]!);
        Assert.StartsWith("invalid_image", (string)error["code"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("image/png")]
    [InlineData("image/jpeg")]
    [InlineData("image/jpg")]
    [InlineData("IMAGE/WebP")]
    public async Task Complete_GoodImage_Succeeds(string type)
    {
        await using var node = await TestNode.StartAsync();

        using var response = await node.ChatAsync(Image($"DATA:{type};base64,{s_png}"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData(16, HttpStatusCode.OK)]
    [InlineData(17, HttpStatusCode.BadRequest)]
    [InlineData(1000, HttpStatusCode.BadRequest)]
    public async Task Complete_ManyImages_AreLimited(int count, HttpStatusCode expected)
    {
        await using var node = await TestNode.StartAsync();
        var parts = string.Join(',', Enumerable.Repeat(Part($"data:image/png;base64,{s_png}"), count));

        using var response = await node.ChatAsync($$"""{"messages":[{"role":"user","content":[{{parts}}]}]}""");

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task Complete_ImageForTextModel_Gives400()
    {
        await using var node = await TestNode.StartAsync(new FakeEngine { Model = new() { Id = "blind", ContextLength = 64 } });

        using var response = await node.ChatAsync(Image($"data:image/png;base64,{s_png}"));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("unsupported_content", (string)(await response.JsonAsync())["error"]!["code"]!);
    }

    [Fact]
    public async Task Complete_TooDeep_Gives400()
    {
        await using var node = await TestNode.StartAsync();

        using var response = await node.AskAsync($"\"x\":{new string('[', 10_000)}{new string(']', 10_000)}");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Complete_InvalidUtf8_Gives400()
    {
        await using var node = await TestNode.StartAsync();
        byte[] body = [.. "{\"messages\":[{\"role\":\"user\",\"content\":\""u8, 0xFF, 0xC0, .. "\"}]}"u8];

        using var content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
        using var response = await node.Client.PostAsync("/v1/chat/completions", content, Deadline.Token);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Complete_ByteOrderMark_IsPassedOver()
    {
        await using var node = await TestNode.StartAsync();

        using var response = await node.ChatAsync("\uFEFF{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Complete_BigBodyWithinLimit_Succeeds()
    {
        await using var node = await TestNode.StartAsync();

        using var response = await node.ChatAsync($$"""{"messages":[{"role":"user","content":"{{new string('x', 8 * 1024 * 1024)}}"}]}""");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Complete_BodyOverLimit_Gives413(bool declared)
    {
        await using var node = await TestNode.StartAsync();
        var content = new StreamContent(new SpaceStream(ApiLimits.BodyBytes + 1));
        content.Headers.ContentType = new("application/json");
        content.Headers.ContentLength = declared ? ApiLimits.BodyBytes + 1 : null;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = content };
        // Lets the node answer before the body is on its way.
        request.Headers.ExpectContinue = declared;

        using var response = await node.Client.SendAsync(request, Deadline.Token);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("request_too_large", (string)(await response.JsonAsync())["error"]!["code"]!);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data")]
    public async Task Complete_NotJsonContentType_Gives415(string type)
    {
        await using var node = await TestNode.StartAsync();

        using var content = new StringContent("""{"messages":[{"role":"user","content":"x"}]}""", Encoding.UTF8, MediaTypeHeaderValue.Parse(type));
        using var response = await node.Client.PostAsync("/v1/chat/completions", content, Deadline.Token);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    private static string Part(string url) => $$$"""{"type":"image_url","image_url":{"url":"{{{url}}}"}}""";

    private static string Image(string url) => $$"""{"messages":[{"role":"user","content":[{{Part(url)}}]}]}""";

    /// <summary>Spaces, which JSON allows at the start without end.</summary>
    private sealed class SpaceStream(long length) : Stream
    {
        private long _left = length;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = (int)Math.Min(count, _left);
            buffer.AsSpan(offset, read).Fill((byte)' ');
            _left -= read;
            return read;
        }

        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
