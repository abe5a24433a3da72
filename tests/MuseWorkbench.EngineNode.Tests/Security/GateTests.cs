using System.Net;
using MuseWorkbench.EngineNode.Hosting;
using MuseWorkbench.EngineNode.Security;
using MuseWorkbench.EngineNode.Tests.Fakes;

namespace MuseWorkbench.EngineNode.Tests.Security;

public sealed class GateTests
{
    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("", HttpStatusCode.Unauthorized)]
    [InlineData("Bearer", HttpStatusCode.Unauthorized)]
    [InlineData("Bearer ", HttpStatusCode.Unauthorized)]
    [InlineData("Bearer wrong", HttpStatusCode.Unauthorized)]
    [InlineData("Bearer s3cret2", HttpStatusCode.Unauthorized)]
    [InlineData("Bearer s3cre", HttpStatusCode.Unauthorized)]
    [InlineData("Bearer S3CRET", HttpStatusCode.Unauthorized)]
    [InlineData("Basic s3cret", HttpStatusCode.Unauthorized)]
    [InlineData("s3cret", HttpStatusCode.Unauthorized)]
    [InlineData("Bearer s3cret", HttpStatusCode.OK)]
    [InlineData("bearer s3cret", HttpStatusCode.OK)]
    [InlineData("BEARER  s3cret ", HttpStatusCode.OK)]
    public async Task AnyEndpoint_WithKey_AsksForIt(string? authorization, HttpStatusCode expected)
    {
        await using var node = await TestNode.StartAsync(key: "s3cret");
        foreach (var path in (string[])["/v1/models", "/metrics", "/telemetry"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            if (authorization is not null)
            {
                request.Headers.TryAddWithoutValidation("Authorization", authorization);
            }

            using var response = await node.Client.SendAsync(request, Deadline.Token);

            Assert.Equal(expected, response.StatusCode);
            if (expected == HttpStatusCode.Unauthorized)
            {
                Assert.Equal("invalid_api_key", (string)(await response.JsonAsync())["error"]!["code"]!);
                Assert.Equal("Bearer", response.Headers.WwwAuthenticate.ToString());
            }
        }
    }

    [Theory]
    [InlineData("POST", "/v1/chat/completions")]
    [InlineData("POST", "/v1/images/inspect")]
    [InlineData("GET", "/telemetry/stream")]
    [InlineData("GET", "/no/such/path")]
    [InlineData("GET", "/health/")]
    public async Task AnyPath_WithoutKey_Gives401(string method, string path)
    {
        await using var node = await TestNode.StartAsync(key: "s3cret");

        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await node.Client.SendAsync(request, Deadline.Token);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task TwoAuthorizationHeaders_Give401()
    {
        await using var node = await TestNode.StartAsync(key: "s3cret");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.TryAddWithoutValidation("Authorization", ["Bearer s3cret", "Bearer wrong"]);

        using var response = await node.Client.SendAsync(request, Deadline.Token);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Health_WithKey_NeedsNone()
    {
        await using var node = await TestNode.StartAsync(key: "s3cret");

        using var response = await node.Client.GetAsync("/health", Deadline.Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("evil.example", HttpStatusCode.Forbidden)]
    [InlineData("127.0.0.1.evil.example", HttpStatusCode.Forbidden)]
    [InlineData("10.0.0.1", HttpStatusCode.Forbidden)]
    [InlineData("localhost", HttpStatusCode.OK)]
    [InlineData("LOCALHOST:1234", HttpStatusCode.OK)]
    [InlineData("127.0.0.1:80", HttpStatusCode.OK)]
    [InlineData("[::1]:80", HttpStatusCode.OK)]
    public async Task Host_OnLoopback_MustNameThisMachine(string host, HttpStatusCode expected)
    {
        await using var node = await TestNode.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health");
        request.Headers.Host = host;

        using var response = await node.Client.SendAsync(request, Deadline.Token);

        Assert.Equal(expected, response.StatusCode);
    }

    [Theory]
    [InlineData("https://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("null", HttpStatusCode.Forbidden)]
    [InlineData("http://localhost:1", HttpStatusCode.Forbidden)]
    public async Task Origin_OfAnotherPage_IsRefused(string origin, HttpStatusCode expected)
    {
        await using var node = await TestNode.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.Add("Origin", origin);

        using var response = await node.Client.SendAsync(request, Deadline.Token);

        Assert.Equal(expected, response.StatusCode);
        Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("http://127.0.0.1:0", true)]
    [InlineData("http://localhost:5000", true)]
    [InlineData("http://[::1]:0", true)]
    [InlineData("http://127.0.0.1:0;http://127.0.0.2:0", true)]
    [InlineData("http://127.0.0.1:0;http://0.0.0.0:0", false)]
    [InlineData("http://*:80", false)]
    [InlineData("http://+:80", false)]
    [InlineData("http://[::]:80", false)]
    [InlineData("http://0.0.0.0:80", false)]
    [InlineData("http://192.168.0.1:80", false)]
    [InlineData("http://node.example:80", false)]
    public void Parse_WithoutKey_OnlyLoopbackIsAllowed(string urls, bool allowed)
    {
        if (allowed)
        {
            Assert.True(BindAddresses.Parse(urls, new ApiKey(null)).LoopbackOnly);
        }
        else
        {
            Assert.Throws<NodeStartException>(() => BindAddresses.Parse(urls, new ApiKey("")));
            Assert.False(BindAddresses.Parse(urls, new ApiKey("k")).LoopbackOnly);
        }
    }
}
