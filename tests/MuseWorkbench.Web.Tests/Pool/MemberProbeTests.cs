using System.Net;
using MuseWorkbench.Agents.Pool;
using MuseWorkbench.Web.Features.Pool;

namespace MuseWorkbench.Web.Tests.Pool;

public sealed class MemberProbeTests
{
    [Theory]
    [InlineData("node", MemberKind.Node, 16, 4096)]
    [InlineData("llama-server", MemberKind.LlamaServer, 8, 4096)]
    [InlineData("vllm", MemberKind.Vllm, null, 4096)]
    [InlineData("sglang", MemberKind.SGLang, null, 4096)]
    [InlineData("openai", MemberKind.OpenAI, null, int.MaxValue)]
    public async Task Ask_EachKind_SaysWhatItIs(string kind, MemberKind expected, int? rows, int context)
    {
        await using var server = await ScriptedServer.StartAsync(kind, key: "secret");

        var found = await AskAsync(new MemberOptions { Name = "m", Url = server.Url + "/v1", Key = "secret" });

        Assert.Equal((expected, rows), (found.Kind, found.Rows));
        var model = Assert.Single(found.Models);
        Assert.Equal(("scripted", context, true), (model.Id, model.ContextLength, model.Vision));
    }

    [Theory]
    [InlineData("", "It wants a key.")]
    [InlineData("wrong", "It did not accept the key.")]
    public async Task Ask_WrongKey_IsSaid(string key, string expected)
    {
        await using var server = await ScriptedServer.StartAsync(key: "secret");

        Assert.Equal((expected, true), await FaultAsync(new MemberOptions { Name = "m", Url = server.Url, Key = key }));
    }

    [Fact]
    public async Task Ask_ModelItDoesNotServe_IsSaidWithThoseItDoes()
    {
        await using var server = await ScriptedServer.StartAsync();

        Assert.Equal(("It does not serve \"large\"; it serves scripted.", true), await FaultAsync(new MemberOptions { Name = "m", Url = server.Url, Model = "large" }));
    }

    [Fact]
    public async Task Ask_NobodyListens_IsSaid()
    {
        using var free = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();

        Assert.Equal(("It can't be reached: the connection was refused or timed out.", false), await FaultAsync(new MemberOptions { Name = "m", Url = $"http://127.0.0.1:{port}" }));
    }

    [Theory]
    [InlineData(200, "<html>hello</html>", "It answers, but not like an OpenAI-compatible server: it does not answer in JSON.")]
    [InlineData(200, "[1,2]", "It answers, but not like an OpenAI-compatible server: its list of models is not one.")]
    [InlineData(200, """{"data":[{"name":"x"}]}""", "It answers, but not like an OpenAI-compatible server: its list of models is not one.")]
    [InlineData(200, """{"data":[]}""", "It serves no model yet.")]
    [InlineData(404, "", "It answered /v1/models with HTTP status 404: it may be no OpenAI-compatible server.")]
    [InlineData(302, "", "It answered /v1/models with HTTP status 302: it may be no OpenAI-compatible server.")]
    [InlineData(503, "", "It is not ready yet.")]
    public async Task Ask_SomethingElse_IsSaid(int status, string body, string expected)
    {
        using var http = new HttpClient(new Says((HttpStatusCode)status, body));
        var probe = new MemberProbe(http, new MemberOptions { Name = "m", Url = "http://somewhere" });

        Assert.Equal(expected, (await Assert.ThrowsAsync<ProbeException>(() => probe.AskAsync(TestContext.Current.CancellationToken))).Message);
    }

    [Theory]
    [InlineData("", "A member needs a name of up to 64 characters.")]
    [InlineData("m", "\"ftp://x\" is no address of a server; it should look like http://gpu-1:8000.", "ftp://x")]
    [InlineData("m", "\"http://user:key@x\" is no address of a server; it should look like http://gpu-1:8000.", "http://user:key@x")]
    [InlineData("m", "\"rocket\" is no kind of member; there are auto, local, node, llama-server, vllm, sglang, openai.", "http://x", "rocket")]
    public void Fault_OfSettings_IsSaid(string name, string expected, string url = "http://x", string kind = "auto") =>
        Assert.Equal(expected, new MemberOptions { Name = name, Url = url, Kind = kind }.Fault());

    private static async Task<ProbedServer> AskAsync(MemberOptions options)
    {
        using var http = RemoteMember.CreateHttp(options);
        return await new MemberProbe(http, options).AskAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<(string Message, bool Settled)> FaultAsync(MemberOptions options)
    {
        var failure = await Assert.ThrowsAsync<ProbeException>(() => AskAsync(options));
        return (failure.Message, failure.Settled);
    }

    private sealed class Says(HttpStatusCode status, string body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(status) { Content = new StringContent(body), RequestMessage = request });
    }
}
