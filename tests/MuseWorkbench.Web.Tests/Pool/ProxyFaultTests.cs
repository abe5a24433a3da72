using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MuseWorkbench.Agents;
using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Agents.Pool;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Pool;

namespace MuseWorkbench.Web.Tests.Pool;

/// <summary>
/// Eight ways a proxy spoils a member's replies, three kinds of members, a hundred cases each, the fault later in the reply from
/// case to case: every agent answers, once, in whole words.
/// </summary>
public sealed class ProxyFaultTests
{
    private const int Cases = 100;

    /// <summary>A reply's frames, some of which are passed on before the fault.</summary>
    private const int Frames = 10;

    public static TheoryData<ProxyFault, string> All => new MatrixTheoryData<ProxyFault, string>(Enum.GetValues<ProxyFault>(), ["node", "vllm", "openai"]);

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(All))]
    public async Task Reply_Spoilt_NothingIsLostOrDoubled(ProxyFault fault, string kind)
    {
        // The same model on both, so that agents may go on from what they said where the other one can.
        const string Model = "qwen3-scripted";
        await using var server = await ScriptedServer.StartAsync(kind, model: Model);
        await using var healthy = await ScriptedServer.StartAsync(kind, model: Model);
        await using var proxy = new FaultProxy(server.Port, fault, number => number % Frames);
        await using var first = new RemoteMember(new MemberOptions { Name = "spoilt", Url = proxy.Url, Kind = kind, IdleSeconds = 1 }, TimeProvider.System);
        await using var second = new RemoteMember(new MemberOptions { Name = "healthy", Url = healthy.Url, Kind = kind }, TimeProvider.System);
        await ReadyAsync(first);
        await ReadyAsync(second);
        var probes = healthy.Requests.Count;
        proxy.Armed = true;

        var runs = await Task.WhenAll(Enumerable.Range(0, Cases).Select(n => RunAsync(n, first, second)));

        Assert.Equal(Cases, proxy.Chats);
        foreach (var (number, events) in runs.Index())
        {
            var question = $"case {number}";
            var finished = Assert.Single(events.OfType<AgentFinished>());
            Assert.Equal((AgentOutcome.Answered, $"Answer to {question}"), (finished.Outcome, finished.Answer));
            Assert.Equal($"Answer to {question}", Assert.Single(events.OfType<FinalAnswer>()).Answer);
            Assert.Equal(Enumerable.Range(1, events.Count).Select(n => (long)n), events.Select(e => e.Seq));
            // What counts is what came after the agent last began.
            var counted = events[events.FindLastIndex(e => e is AgentStarted)..];
            Assert.Equal($"The question was: {question}.", string.Concat(counted.OfType<ReasoningDelta>().Select(d => d.Text)).Trim());
            Assert.Equal($"Answer to {question}", string.Concat(counted.OfType<AnswerDelta>().Select(d => d.Text)).Trim());
            if (fault == ProxyFault.SlowDrip)
                Assert.Empty(events.OfType<AgentRerouted>());
            else
                Assert.Equal(("spoilt", "healthy"), Assert.Single(events.OfType<AgentRerouted>()) is var moved ? (moved.From, moved.To) : default);
        }

        var kept = runs.SelectMany(events => events.OfType<AgentRerouted>()).Where(moved => moved.Tokens > 0).ToArray();
        Assert.All(kept, moved => Assert.Equal(kind != "openai", moved.Continued));
        if (fault is ProxyFault.Stall or ProxyFault.Truncate or ProxyFault.Garbage)
            Assert.True(kept.Length >= Cases / 2, "Too few of the faults came in the middle of a reply.");
        Assert.Equal(fault == ProxyFault.SlowDrip ? 0 : Cases, healthy.Requests.Count - probes);
    }

    private static async Task ReadyAsync(RemoteMember member)
    {
        member.Start();
        await member.ConnectAsync(null, Test).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Test);
    }

    // A pool of its own for each case: the spoilt member comes first, and nobody has yet learnt to avoid it.
    private static async Task<List<RunEvent>> RunAsync(int number, params RemoteMember[] members)
    {
        var pool = new AgentPool("round-robin", TimeProvider.System);
        Array.ForEach(members, pool.Add);
        await using var services = new ServiceCollection().AddLogging(logging => logging.ClearProviders())
            .AddSingleton<IAgentClients>(pool).AddSingleton<IImageStore, NoImages>().AddMuseAgents().BuildServiceProvider();
        var runs = services.GetRequiredService<IRunService>();
        var run = await runs.StartAsync(
            new RunRequest { Prompt = $"case {number}", Images = [], Team = new TeamSpec { Name = "One", Agents = [new AgentSpec { Name = "A" }] } }, Test);
        var events = await runs.ReadAsync(run, 0, Test).ToListAsync(Test).AsTask().WaitAsync(TimeSpan.FromSeconds(120), Test);
        foreach (var member in members)
            pool.Remove(member.Name);
        return events;
    }

    private sealed class NoImages : IImageStore
    {
        public ValueTask<ReadOnlyMemory<byte>?> ReadAsync(string sha256, CancellationToken cancellationToken) => new((ReadOnlyMemory<byte>?)null);

        public ValueTask<ImageRef> AddAsync(ReadOnlyMemory<byte> encoded, string name, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
