using System.Net;
using MuseWorkbench.Web.Tests.Kit;

namespace MuseWorkbench.Web.Tests.Access;

/// <summary>Another site's page can make a browser send requests here; none may count, key or not.</summary>
public sealed class OriginTests
{
    private static readonly string[] s_paths = ["/", "/_blazor/negotiate?negotiateVersion=1", "/_blazor", "/hubs/runs/negotiate?negotiateVersion=1", "/hubs/runs", "/images", "/api/runs"];

    private static readonly HttpMethod[] s_methods = [HttpMethod.Get, HttpMethod.Post, HttpMethod.Put, HttpMethod.Delete];

    [Theory]
    [InlineData("evil.example", null)]
    [InlineData("evil.example:PORT", "http://evil.example:PORT")]
    [InlineData("127.0.0.1.evil.example", null)]
    [InlineData("localhost.evil.example:PORT", null)]
    [InlineData("192.0.2.7:PORT", null)]
    [InlineData("127.0.0.1:PORT", "http://evil.example")]
    [InlineData("127.0.0.1:PORT", "https://127.0.0.1.evil.example")]
    [InlineData("127.0.0.1:PORT", "http://127.0.0.1:1")]
    [InlineData("127.0.0.1:PORT", "http://127.0.0.1")]
    [InlineData("127.0.0.1:PORT", "http://localhost:PORT")]
    [InlineData("127.0.0.1:PORT", "null")]
    [InlineData("127.0.0.1:PORT", "file://")]
    [InlineData("127.0.0.1:PORT", "not an origin")]
    [InlineData("bench.example", "http://other.example")]
    [InlineData("BENCH.example:PORT", "chrome-extension://bench.example:PORT")]
    public async Task Request_FromElsewhere_Is403(string host, string? origin)
    {
        await using var workbench = await TestWorkbench.StartAsync(["--Access:AllowedHosts:0=bench.example"]);
        foreach (var method in s_methods)
        {
            foreach (var path in s_paths)
            {
                Assert.Equal(HttpStatusCode.Forbidden, await SendAsync(workbench, method, path, host, origin));
            }
        }
    }

    [Theory]
    [InlineData("127.0.0.1:PORT", null)]
    [InlineData("127.0.0.1:PORT", "http://127.0.0.1:PORT")]
    [InlineData("localhost:PORT", "http://localhost:PORT")]
    [InlineData("localhost:8080", "http://localhost:8080")] // a forwarded port
    [InlineData("[::1]:PORT", "http://[::1]:PORT")]
    [InlineData("bench.example", "https://bench.example")] // a proxy that speaks TLS
    [InlineData("Bench.Example", "http://bench.example")]
    [InlineData("bench.example", null)]
    public async Task Request_FromHere_IsServed(string host, string? origin)
    {
        await using var workbench = await TestWorkbench.StartAsync(["--Access:AllowedHosts:0=bench.example"]);
        Assert.Equal(HttpStatusCode.OK, await SendAsync(workbench, HttpMethod.Get, "/", host, origin));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(workbench, HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1", host, origin));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(workbench, HttpMethod.Post, "/hubs/runs/negotiate?negotiateVersion=1", host, origin));
    }

    [Fact]
    public async Task EveryAnswer_CarriesTheSecurityHeaders()
    {
        await using var workbench = await TestWorkbench.StartAsync();
        foreach (var client in new[] { workbench.Anonymous, workbench.Owner })
        {
            foreach (var path in new[] { "/", "/_framework/blazor.web.js", "/images/x", "/nothing" })
            {
                using var response = await client.GetAsync(path, TestContext.Current.CancellationToken);
                var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
                Assert.Contains("default-src 'self'", policy, StringComparison.Ordinal);
                Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
                Assert.DoesNotContain("unsafe-eval", policy, StringComparison.Ordinal);
                Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
                Assert.Equal("no-referrer", response.Headers.GetValues("Referrer-Policy").Single());
            }
        }
    }

    private static async Task<HttpStatusCode> SendAsync(TestWorkbench workbench, HttpMethod method, string path, string host, string? origin)
    {
        var port = workbench.Url.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Host = host.Replace("PORT", port, StringComparison.Ordinal);
        if (origin is not null)
        {
            request.Headers.TryAddWithoutValidation("Origin", origin.Replace("PORT", port, StringComparison.Ordinal));
        }

        using var response = await workbench.Owner.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}
