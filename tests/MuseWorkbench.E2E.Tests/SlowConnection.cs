using System.Globalization;
using System.Threading.Channels;
using Microsoft.Playwright;

namespace MuseWorkbench.E2E.Tests;

/// <summary>
/// A browser far away from its workbench: every message of the circuit, and every script a page brings after it was drawn, comes
/// late. What a test does before the page is ready for it then fails each time, not once in a hundred on a busy machine.
/// </summary>
internal static class SlowConnection
{
    /// <summary>How late in every test, from <c>MUSE_LATENCY_MS</c>; not at all where it isn't set.</summary>
    private static readonly TimeSpan s_everywhere = TimeSpan.FromMilliseconds(
        int.TryParse(Environment.GetEnvironmentVariable("MUSE_LATENCY_MS"), CultureInfo.InvariantCulture, out var ms) ? ms : 0);

    public static async Task ApplyAsync(IBrowserContext context, TimeSpan? ownLatency)
    {
        var latency = ownLatency ?? s_everywhere;
        if (latency == TimeSpan.Zero)
            return;
        await context.RouteAsync("**/*.razor*.js", async route =>
        {
            await Task.Delay(4 * latency);
            await route.ContinueAsync();
        });
        await context.RouteWebSocketAsync("**/_blazor**", page =>
        {
            var server = page.ConnectToServer();
            var (up, down) = (Late(latency, server.Send, server.Send), Late(latency, page.Send, page.Send));
            page.OnMessage(up);
            server.OnMessage(down);
        });
    }

    /// <summary>Sends on what it is given, in its order, each so much later.</summary>
    private static Action<IWebSocketFrame> Late(TimeSpan latency, Action<string> sendText, Action<byte[]> sendBytes)
    {
        var late = Channel.CreateUnbounded<(IWebSocketFrame Frame, long Due)>();
        _ = Task.Run(async () =>
        {
            await foreach (var (frame, due) in late.Reader.ReadAllAsync())
            {
                if (due - Environment.TickCount64 is > 0 and var wait)
                    await Task.Delay((int)wait);
                if (frame.Binary is { } bytes)
                    sendBytes(bytes);
                else
                    sendText(frame.Text!);
            }
        });
        return frame => late.Writer.TryWrite((frame, Environment.TickCount64 + (long)latency.TotalMilliseconds));
    }
}
