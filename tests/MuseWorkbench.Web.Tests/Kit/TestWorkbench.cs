using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MuseWorkbench.Web.Access;

namespace MuseWorkbench.Web.Tests.Kit;

/// <summary>The workbench in this process, on a real port, with its own data directory and no node unless asked for.</summary>
internal sealed class TestWorkbench : IAsyncDisposable
{
    private readonly TempFolder _data;

    private TestWorkbench(WebApplication app, TempFolder data)
    {
        (App, _data) = (app, data);
        Url = new Uri(app.Urls.First());
        Key = app.Services.GetRequiredService<AccessKey>().Value;
        Anonymous = NewClient();
        Owner = NewClient();
        Owner.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);
    }

    public WebApplication App { get; }
    public Uri Url { get; }

    /// <summary>Where it keeps everything.</summary>
    public string Data => _data.Path;

    public string Key { get; }

    /// <summary>Sends nothing but what it is told to, and follows no redirect.</summary>
    public HttpClient Anonymous { get; }

    public HttpClient Owner { get; }

    public static async Task<TestWorkbench> StartAsync(string[]? args = null, Action<WebApplicationBuilder>? configure = null)
    {
        var data = new TempFolder();
        try
        {
            var app = WebHost.Create(
                ["--urls", "http://127.0.0.1:0", "--Node:Start=false", $"--Data:Directory={data.Path}", .. args ?? []],
                builder =>
                {
                    builder.Logging.ClearProviders();
                    configure?.Invoke(builder);
                });
            await app.StartAsync(TestContext.Current.CancellationToken);
            return new TestWorkbench(app, data);
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    /// <summary>A browser's cookie, got by opening the printed address.</summary>
    public async Task<string> GetCookieAsync()
    {
        using var response = await Anonymous.GetAsync($"/?token={Key}", TestContext.Current.CancellationToken);
        return response.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
    }

    public async ValueTask DisposeAsync()
    {
        Anonymous.Dispose();
        Owner.Dispose();
        await App.DisposeAsync();
        _data.Dispose();
    }

    private HttpClient NewClient() => new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, UseProxy = false }) { BaseAddress = Url };
}
