using System.Net;
using MuseWorkbench.Web.Tests.Kit;

namespace MuseWorkbench.Web.Tests.Access;

public sealed class AccessLinkTests
{
    [Fact]
    public async Task PrintedAddress_RightToken_SetsStrictCookieAndCleansTheAddress()
    {
        await using var workbench = await TestWorkbench.StartAsync();
        using var response = await workbench.Anonymous.GetAsync($"/engine?window=5&token={workbench.Key}", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal("/engine?window=5", response.Headers.Location!.OriginalString);
        var cookie = response.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(workbench.Key, cookie, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("//elsewhere.example/")]
    [InlineData("/%2Felsewhere.example/")]
    [InlineData("/\\elsewhere.example")]
    public async Task PrintedAddress_PathThatLooksLikeAHost_StaysHere(string path)
    {
        await using var workbench = await TestWorkbench.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(workbench.Url.OriginalString.TrimEnd('/') + path + "?token=" + workbench.Key));
        using var response = await workbench.Anonymous.SendAsync(request, TestContext.Current.CancellationToken);
        var there = new Uri(workbench.Url, response.Headers.Location!);
        Assert.Equal(workbench.Url.Authority, there.Authority);
    }

    [Fact]
    public async Task PrintedAddress_WrongToken_ShowsHowToGetIn()
    {
        await using var workbench = await TestWorkbench.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/?token=wrong");
        request.Headers.Add("Accept", "text/html");
        using var response = await workbench.Anonymous.SendAsync(request, TestContext.Current.CancellationToken);
        var page = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.False(response.Headers.Contains("Set-Cookie"));
        Assert.Contains("?token=", page, StringComparison.Ordinal);
        Assert.DoesNotContain(workbench.Key, page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cookie_AfterRestartOnTheSameData_StillOpens()
    {
        using var data = new TempFolder();
        string cookie;
        int port;
        await using (var first = await TestWorkbench.StartAsync([$"--Data:Directory={data.Path}"]))
        {
            cookie = await first.GetCookieAsync();
            port = first.Url.Port;
        }

        await using var second = await TestWorkbench.StartAsync([$"--Data:Directory={data.Path}"]);
        Assert.Equal(HttpStatusCode.OK, await GetAsync(second, cookie.Replace($"-{port}=", $"-{second.Url.Port}=", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Cookie_AfterTheConfiguredKeyChanged_IsRefused()
    {
        using var data = new TempFolder();
        string cookie;
        int port;
        await using (var first = await TestWorkbench.StartAsync([$"--Data:Directory={data.Path}", "--Access:Key=the-first-long-key"]))
        {
            cookie = await first.GetCookieAsync();
            port = first.Url.Port;
            Assert.Equal(HttpStatusCode.OK, await GetAsync(first, cookie));
        }

        await using var second = await TestWorkbench.StartAsync([$"--Data:Directory={data.Path}", "--Access:Key=another-long-key-1"]);
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(second, cookie.Replace($"-{port}=", $"-{second.Url.Port}=", StringComparison.Ordinal)));
    }

    private static async Task<HttpStatusCode> GetAsync(TestWorkbench workbench, string cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Add("Cookie", cookie);
        using var response = await workbench.Anonymous.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}
