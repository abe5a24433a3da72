using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using MuseWorkbench.Web.Tests.Kit;

namespace MuseWorkbench.Web.Tests.Access;

/// <summary>Whatever is mapped, now or later, needs the key.</summary>
public sealed class RouteAccessTests
{
    [Fact]
    public async Task EveryRoute_WithoutKeyOrWithWrongOne_Is401()
    {
        await using var workbench = await TestWorkbench.StartAsync();
        var open = new List<string>();
        var routes = Routes(workbench);
        foreach (var (method, path) in routes)
        {
            foreach (var (name, apply) in WrongWays())
            {
                using var request = new HttpRequestMessage(method, path);
                apply(request);
                using var response = await workbench.Anonymous.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
                if (response.StatusCode != HttpStatusCode.Unauthorized)
                {
                    open.Add($"{method} {path} with {name}: {(int)response.StatusCode}");
                }
            }
        }

        Assert.Empty(open);
        Assert.Contains(routes, route => route.Path.StartsWith("/_blazor", StringComparison.Ordinal));
        Assert.Contains(routes, route => route.Path.StartsWith("/hubs/runs", StringComparison.Ordinal));
        Assert.Contains(routes, route => route.Path.StartsWith("/images", StringComparison.Ordinal));
        Assert.Contains(routes, route => route.Path.Contains("blazor.web", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("bearer")]
    [InlineData("cookie")]
    public async Task EveryRoute_WithKey_IsNot401(string way)
    {
        await using var workbench = await TestWorkbench.StartAsync();
        var cookie = await workbench.GetCookieAsync();
        foreach (var (method, path) in Routes(workbench).Where(route => !route.Path.StartsWith("/_content", StringComparison.Ordinal)))
        {
            using var request = new HttpRequestMessage(method, path);
            if (way == "cookie")
            {
                request.Headers.Add("Cookie", cookie);
            }
            else
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", workbench.Key);
            }

            using var response = await workbench.Anonymous.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            Assert.True(response.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden), $"{method} {path}: {(int)response.StatusCode}");
        }
    }

    [Fact]
    public async Task UnmappedPath_WithoutKey_Is401()
    {
        await using var workbench = await TestWorkbench.StartAsync();
        using var response = await workbench.Anonymous.GetAsync("/no/such/thing", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    private static IEnumerable<(string Name, Action<HttpRequestMessage> Apply)> WrongWays() =>
    [
        ("nothing", _ => { }),
        ("a wrong bearer", request => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", new string('0', 48))),
        ("a forged cookie", request => request.Headers.Add("Cookie", $"muse-access-{request.RequestUri}=generated; muse-access-80=generated")),
    ];

    private static List<(HttpMethod Method, string Path)> Routes(TestWorkbench workbench) =>
        [.. workbench.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(endpoint => (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET", "POST"])
                .Select(method => (new HttpMethod(method), Fill(endpoint.RoutePattern))))
            .Where(route => route.Item1 != HttpMethod.Head)
            .Distinct()];

    private static string Fill(Microsoft.AspNetCore.Routing.Patterns.RoutePattern pattern) =>
        "/" + string.Join('/', pattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
        {
            Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal => literal.Content,
            Microsoft.AspNetCore.Routing.Patterns.RoutePatternSeparatorPart separator => separator.Content,
            Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart { Name: "runId" } => Guid.Empty.ToString(),
            _ => "x",
        }))));
}
