using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Agents.Pool;
using MuseWorkbench.Web.Features.Engine;
using MuseWorkbench.Web.Features.Pool.Elastic;
using MuseWorkbench.Web.Tests.Kit;

namespace MuseWorkbench.Web.Tests.Pool.Elastic;

/// <summary>The real engine node with the bundled model, from none to one and back.</summary>
public sealed class RealNodeTests
{
    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pool_NoNodeAtFirst_StartsOneForAnAgentWarmAndStopsItWhenIdle()
    {
        await using var workbench = await TestWorkbench.StartAsync(
        [
            "--Node:Start=true", "--Pool:Members:0:Name=muse", "--Pool:Members:0:Kind=local", "--Pool:Members:0:Nodes:Min=0", "--Pool:Members:0:Nodes:Max=2",
            "--Pool:Members:0:Nodes:IdleMinutes=0.03", "--Engine:Threads=1",
        ]);
        var pool = workbench.App.Services.GetRequiredService<AgentPool>();
        var scaler = workbench.App.Services.GetRequiredService<PoolScaler>();
        var node = workbench.App.Services.GetRequiredService<NodeSupervisor>();
        await UntilAsync(pool, () => pool.Members[0].Status.Phase == MemberPhase.Asleep);
        Assert.Equal(["muse", "muse-2"], pool.Members.Select(member => member.Name));
        Assert.Null(node.Connection);

        using (var lease = await pool.PlaceAsync(new AgentPlace { Run = Guid.NewGuid(), Agent = 0, Model = "muse-mini", Images = 1 }, Test))
        {
            // It has the agent and was asked nothing for it yet, but served a text and an image already.
            await UntilAsync(pool, () => node.Latest is { Counters: { RequestsFinished: 2, ImageEncodes: 1 } });
            var reply = await lease.Endpoint.Client.GetResponseAsync([new ChatMessage(ChatRole.User, "What is on the table?")], new ChatOptions { MaxOutputTokens = 8 }, Test);
            Assert.NotEmpty(reply.Text);
            Assert.Equal("Starting muse. 1 agent waits and no node runs.", scaler.Groups[0].Notes[^1].Text);
        }

        await UntilAsync(pool, () => pool.Members[0].Status.Phase == MemberPhase.Asleep);
        Assert.Null(node.Connection);
        Assert.StartsWith("Stopping muse. No agent for ", scaler.Groups[0].Notes[0].Text, StringComparison.Ordinal);
    }

    private static async Task UntilAsync(AgentPool pool, Func<bool> isSo)
    {
        var so = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            if (isSo())
                so.TrySetResult();
        }

        pool.Changed += Look;
        Look();
        try
        {
            await so.Task.WaitAsync(TimeSpan.FromSeconds(60), Test);
        }
        finally
        {
            pool.Changed -= Look;
        }
    }
}
