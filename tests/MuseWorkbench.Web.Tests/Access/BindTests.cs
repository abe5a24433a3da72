using System.Net;
using System.Net.Sockets;
using MuseWorkbench.Web.Access;
using MuseWorkbench.Web.Hosting;
using MuseWorkbench.Web.Tests.Kit;

namespace MuseWorkbench.Web.Tests.Access;

public sealed class BindTests
{
    [Theory]
    [InlineData("--urls=http://0.0.0.0:0")]
    [InlineData("--urls=http://[::]:0")]
    [InlineData("--urls=http://*:0")]
    [InlineData("--urls=http://some-name:0")]
    [InlineData("--urls=http://127.0.0.1:0;http://+:0")]
    [InlineData("--Kestrel:Endpoints:Outside:Url=http://0.0.0.0:0")]
    public async Task Start_BeyondLoopbackWithoutKey_IsRefused(string address)
    {
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => TestWorkbench.StartAsync([address]));
        Assert.Contains("Refusing to listen", StartMessage.Explain(refused), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_BeyondLoopbackWithKey_Listens()
    {
        await using var workbench = await TestWorkbench.StartAsync(["--urls=http://0.0.0.0:0", "--Access:Key=a-key-of-my-own-1"]);
        Assert.Single(workbench.App.Urls);
    }

    [Fact]
    public async Task Start_ShortKey_IsRefused()
    {
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => TestWorkbench.StartAsync(["--Access:Key=short"]));
        Assert.Contains($"{AccessOptions.MinKeyLength} characters", StartMessage.Explain(refused), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_PortTaken_SaysSoAndSuggestsAnother()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var failed = await Assert.ThrowsAnyAsync<Exception>(() => TestWorkbench.StartAsync([$"--urls=http://{taken.LocalEndpoint}"]));
        Assert.Contains("--urls", StartMessage.Explain(failed), StringComparison.Ordinal);
    }
}
