using System.Net;
using Bunit;
using Microsoft.Extensions.DependencyInjection;
using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Agents.Pool;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Pool;
using MuseWorkbench.Web.Features.Pool.Elastic;
using MuseWorkbench.Web.Tests.Kit;

namespace MuseWorkbench.Web.Tests.Pool;

/// <summary>The pool over a workbench on a real port, and one member's card.</summary>
public sealed class PoolPageTests
{
    private static CancellationToken Test => Xunit.TestContext.Current.CancellationToken;

    [Fact]
    public async Task Members_Settings_AreThoseListedAndTheLocalEngine()
    {
        await using var server = await ScriptedServer.StartAsync("vllm");
        await using var workbench = await TestWorkbench.StartAsync(["--Pool:Members:0:Name=far", $"--Pool:Members:0:Url={server.Url}"]);
        var pool = workbench.App.Services.GetRequiredService<AgentPool>();

        await pool.Get("far")!.ConnectAsync(null, Test);

        Assert.Equal(["local", "far"], pool.Members.Select(m => m.Name));
        Assert.Equal((MemberPhase.Ready, MemberKind.Vllm), (pool.Members[1].Status.Phase, pool.Members[1].Status.Kind));
        Assert.Equal(HttpStatusCode.OK, (await workbench.Owner.GetAsync("/pool", Test)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await workbench.Owner.GetAsync("/engine?member=far", Test)).StatusCode);
        Assert.NotEqual(HttpStatusCode.OK, (await workbench.Anonymous.GetAsync("/pool", Test)).StatusCode);
    }

    [Theory]
    [InlineData("Pool:Members:0: \"rocket\" is no kind", "--Pool:Members:0:Name=a", "--Pool:Members:0:Kind=rocket")]
    [InlineData("Pool:Policy must be one of least-wait", "--Pool:Policy=best")]
    [InlineData("names that differ", "--Pool:Members:0:Name=a", "--Pool:Members:0:Url=http://x", "--Pool:Members:1:Name=a", "--Pool:Members:1:Url=http://y")]
    [InlineData("Nodes must have 0 ≤ Min ≤ Max", "--Pool:Members:0:Name=a", "--Pool:Members:0:Kind=local", "--Pool:Members:0:Nodes:Min=3", "--Pool:Members:0:Nodes:Max=2")]
    [InlineData("IdleMinutes must be more than 0", "--Pool:Members:0:Name=a", "--Pool:Members:0:Kind=local", "--Pool:Members:0:Nodes:IdleMinutes=0")]
    [InlineData("are for servers elsewhere", "--Pool:Members:0:Name=a", "--Pool:Members:0:Kind=local", "--Pool:Members:0:Nodes:Command:0=kubectl")]
    [InlineData("need a Command or a Webhook", "--Pool:Members:0:Name=a", "--Pool:Members:0:Url=http://x", "--Pool:Members:0:Nodes:Max=2")]
    [InlineData("is no address of a webhook", "--Pool:Members:0:Name=a", "--Pool:Members:0:Url=http://x", "--Pool:Members:0:Nodes:Webhook=file:///x")]
    [InlineData("those of their nodes", "--Pool:Members:0:Name=a", "--Pool:Members:0:Kind=local", "--Pool:Members:0:Nodes:Max=2", "--Pool:Members:1:Name=a-2", "--Pool:Members:1:Url=http://y")]
    public async Task Start_FaultySettings_AreRefusedWithTheReason(string expected, params string[] args)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => TestWorkbench.StartAsync(args));

        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Add_Server_IsAskedKeptWithItsKeyPrivatelyAndCanBeTakenOut()
    {
        await using var server = await ScriptedServer.StartAsync("openai", key: "secret");
        await using var workbench = await TestWorkbench.StartAsync();
        var members = workbench.App.Services.GetRequiredService<PoolMembers>();
        var pool = workbench.App.Services.GetRequiredService<AgentPool>();
        var file = Path.Combine(workbench.Data, "pool.json");

        Assert.Equal("It did not accept the key.", await PoolMembers.AskAsync(new() { Name = "far", Url = server.Url, Key = "wrong" }, Test));
        Assert.Null(await members.AddAsync(new() { Name = "far", Url = server.Url, Key = "secret" }, Test));
        Assert.Equal("There is a member \"far\" already.", await members.AddAsync(new() { Name = "far", Url = server.Url }, Test));
        Assert.True(members.IsAdded("far"));
        Assert.Contains("secret", await File.ReadAllTextAsync(file, Test), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));

        Assert.True(await members.RemoveAsync("far", Test));
        Assert.False(await members.RemoveAsync("local", Test));
        Assert.Equal(["local"], pool.Members.Select(m => m.Name));
        Assert.DoesNotContain("secret", await File.ReadAllTextAsync(file, Test), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Remove_AgentAtWorkThere_ItsReplyGoesOnToItsEnd()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Pace = TimeSpan.FromMilliseconds(10);
        await using var workbench = await TestWorkbench.StartAsync();
        var members = workbench.App.Services.GetRequiredService<PoolMembers>();
        await members.AddAsync(new() { Name = "far", Url = server.Url }, Test);
        var endpoint = await workbench.App.Services.GetRequiredService<AgentPool>().Get("far")!.ConnectAsync(null, Test);
        var said = "";
        await foreach (var update in endpoint.Client.GetStreamingResponseAsync([new(Microsoft.Extensions.AI.ChatRole.User, "x")], cancellationToken: Test))
        {
            if (said.Length == 0)
                Assert.True(await members.RemoveAsync("far", Test));
            said += update.Text;
        }

        Assert.Equal(ScriptedServer.Reply("x"), said);
    }

    [Fact]
    public async Task Start_KeptMembers_AreThereAgainAndAnUnreadableFileStays()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using (var first = await TestWorkbench.StartAsync())
        {
            await first.App.Services.GetRequiredService<PoolMembers>().AddAsync(new() { Name = "far", Url = server.Url }, Test);
            await using var second = await TestWorkbench.StartAsync([$"--Data:Directory={first.Data}"]);
            Assert.Equal(["local", "far"], second.App.Services.GetRequiredService<AgentPool>().Members.Select(m => m.Name));
        }

        await using var broken = await TestWorkbench.StartAsync();
        var file = Path.Combine(broken.Data, "pool.json");
        await File.WriteAllTextAsync(file, "{ not json", Test);
        await using var again = await TestWorkbench.StartAsync([$"--Data:Directory={broken.Data}"]);
        Assert.Equal("{ not json", await File.ReadAllTextAsync(file, Test));
    }

    [Fact]
    public async Task Start_KeptMemberWithNodes_HasNone()
    {
        await using var server = await ScriptedServer.StartAsync();
        using var data = new TempFolder();
        await File.WriteAllTextAsync(Path.Combine(data.Path, "pool.json"), $$$"""[{"name":"far","url":"{{{server.Url}}}","nodes":{"min":0,"max":9,"command":["touch","never"]}}]""", Test);

        await using var workbench = await TestWorkbench.StartAsync([$"--Data:Directory={data.Path}"]);

        Assert.Equal(["local", "far"], workbench.App.Services.GetRequiredService<AgentPool>().Members.Select(m => m.Name));
        Assert.Empty(workbench.App.Services.GetRequiredService<PoolScaler>().Groups);
    }

    [Fact]
    public void Card_ReadyMember_ShowsModelAgentsCellsAndHits()
    {
        using var page = new BunitContext();
        var member = View(new MemberStatus(MemberPhase.Ready) { Kind = MemberKind.Vllm, Models = [new ModelInfo { Id = "qwen", ContextLength = 10 }] });

        var card = page.Render<MemberCard>(p => p.Add(c => c.Member, member));

        Assert.Equal(["qwen (text only)", "3 of 16 + 2", "15 tok/s", "50 %", "40 %", "1 of 5"], card.FindAll("dd").Select(d => d.TextContent));
        Assert.Equal("ready", card.Find(".chip").TextContent);
        Assert.Contains("vLLM · http://far", card.Find(".place").TextContent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(MemberPhase.Unreachable, false, BreakerState.Closed, "unreachable")]
    [InlineData(MemberPhase.Failed, false, BreakerState.Closed, "failed")]
    [InlineData(MemberPhase.Starting, false, BreakerState.Closed, "starting")]
    [InlineData(MemberPhase.Asleep, false, BreakerState.Closed, "asleep")]
    [InlineData(MemberPhase.Ready, true, BreakerState.Closed, "drained")]
    [InlineData(MemberPhase.Ready, false, BreakerState.Open, "paused")]
    [InlineData(MemberPhase.Ready, false, BreakerState.HalfOpen, "on trial")]
    public void Card_State_IsSaid(MemberPhase phase, bool draining, BreakerState breaker, string expected)
    {
        using var page = new BunitContext();
        var member = View(new MemberStatus(phase, "It can't be reached.")) with { Draining = draining, Breaker = breaker, BreakerUntil = DateTimeOffset.UnixEpoch };

        var card = page.Render<MemberCard>(p => p.Add(c => c.Member, member));

        Assert.Equal(expected, card.Find(".chip").TextContent);
        Assert.Equal(phase is MemberPhase.Unreachable or MemberPhase.Failed or MemberPhase.Asleep || breaker == BreakerState.Open, card.FindAll(".reason").Count == 1);
    }

    private static MemberView View(MemberStatus status) =>
        new("far", "http://far", false, status, TestSnapshots.Make(1), false, BreakerState.Closed, null, 4, 1, "It went away.", [], null, null);
}
