using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Agents.Pool;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Pool;
using MuseWorkbench.Web.Features.Pool.Elastic;
using MuseWorkbench.Web.Tests.Kit;

namespace MuseWorkbench.Web.Tests.Pool.Elastic;

public sealed class ScaleHookTests
{
    private static readonly ScaleRequest s_request = new("cluster; rm -rf $HOME", 3, 2, "An agent would wait 9 s.");

    private readonly ManualTime _time = new();

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Command_Filled_RunsWithoutAShell()
    {
        using var folder = new TempFolder();
        using var hook = Command("touch", Path.Combine(folder.Path, "{member} {current}-{desired} $(id) {reason}".Replace("/", "", StringComparison.Ordinal)));

        Assert.Null(await hook.CallAsync(s_request, Test));

        Assert.Equal("cluster; rm -rf $HOME 2-3 $(id) An agent would wait 9 s.", Path.GetFileName(Assert.Single(Directory.GetFiles(folder.Path))));
    }

    [Fact]
    public async Task Command_Fails_SaysWhatItSaid()
    {
        using var fails = Command("ls", "/there/is/no/such/folder");
        using var missing = Command("/there/is/no/such/program");

        Assert.Matches("^The command ended with exit code [12]: ls: .*such/folder.*", await fails.CallAsync(s_request, Test));
        Assert.StartsWith("The command could not be run: ", await missing.CallAsync(s_request, Test), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Command_TakesTooLong_IsEnded()
    {
        using var hook = Command("sleep", "600");
        var calling = hook.CallAsync(s_request, Test);

        _time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal("The command took longer than 30 s.", await calling);
    }

    [Fact]
    public async Task Webhook_Called_GetsNumbersReasonAndKey()
    {
        var handler = new Handler();
        using var hook = new ScaleHook(new() { Webhook = "http://scaler/x", WebhookKey = "secret" }, _time, handler);

        Assert.Null(await hook.CallAsync(s_request, Test));

        Assert.Equal("""{"member":"cluster; rm -rf $HOME","desired":3,"current":2,"reason":"An agent would wait 9 s."}""", Assert.Single(handler.Bodies));
        Assert.Equal("Bearer secret", handler.LastKey);
    }

    [Fact]
    public async Task Webhook_Fails_SaysHow()
    {
        var handler = new Handler { Status = HttpStatusCode.Forbidden };
        using var hook = new ScaleHook(new() { Webhook = "http://scaler/x" }, _time, handler);

        Assert.Equal("The webhook answered 403.", await hook.CallAsync(s_request, Test));
        handler.Failure = new HttpRequestException();
        Assert.Equal("The webhook could not be reached.", await hook.CallAsync(s_request, Test));
        handler.Failure = null;
        handler.Gate = new TaskCompletionSource().Task;
        var calling = hook.CallAsync(s_request, Test);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("The webhook took longer than 30 s.", await calling);
    }

    /// <summary>A server elsewhere, asked for by webhook: what it is told from one to three nodes and back to none.</summary>
    [Fact]
    public async Task Group_LoadComesAndGoes_IsToldEachNumberOnce()
    {
        var (handler, member) = (new Handler(), new Member());
        var (pool, scaler) = Scale(handler, member, new() { Min = 0, Max = 3, Rows = 4, StartSeconds = 60 });

        await StepAsync(TimeSpan.Zero);
        Assert.Empty(handler.Bodies);

        // No server: an agent waits, one node is asked for, once.
        var placing = pool.PlaceAsync(new AgentPlace { Run = Guid.NewGuid(), Agent = 0 }, Test).AsTask();
        await StepAsync(TimeSpan.Zero);
        await StepAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(["1 of 0"], handler.Counts);
        member.Become(new MemberStatus(MemberPhase.Ready) { Models = [Member.Model] }, agents: 0);
        using var lease = await placing;

        // Twelve agents on four places: another, and the next only after the first had its time.
        member.Become(member.Status, agents: 12);
        await StepAsync(TimeSpan.Zero);
        await StepAsync(TimeSpan.FromSeconds(2));
        Assert.Equal(["1 of 0", "2 of 1"], handler.Counts);
        await StepAsync(TimeSpan.FromSeconds(30));
        member.Become(member.Status, agents: 40);
        await StepAsync(TimeSpan.Zero);
        Assert.Equal(2, handler.Bodies.Count);
        await StepAsync(TimeSpan.FromSeconds(30));
        await StepAsync(TimeSpan.FromSeconds(2));
        Assert.Equal("3 of 2", handler.Counts[^1]);

        // Idle: one after another goes.
        lease.Dispose();
        await StepAsync(TimeSpan.FromSeconds(60));
        member.Become(member.Status, agents: 0);
        for (var i = 0; i < 4; i++)
            await StepAsync(TimeSpan.FromMinutes(10));
        Assert.Equal(["2 of 3", "1 of 2", "0 of 1"], handler.Counts[3..]);

        async Task StepAsync(TimeSpan later)
        {
            _time.Advance(later);
            await (await scaler.StepAsync(Test));
        }
    }

    [Fact]
    public async Task Group_HookFails_IsSaidAndTriedAgainAfterAPause()
    {
        var (handler, member) = (new Handler { Status = HttpStatusCode.BadGateway }, new Member());
        var (_, scaler) = Scale(handler, member, new() { Min = 1, Max = 3 });
        member.Become(new MemberStatus(MemberPhase.Ready) { Models = [Member.Model] }, agents: 90);
        foreach (var seconds in new[] { 0, 2, 1, 1, 1 })
        {
            _time.Advance(TimeSpan.FromSeconds(seconds));
            await (await scaler.StepAsync(Test));
        }

        Assert.Single(handler.Bodies);
        Assert.Equal((true, "node 2 was not started. The webhook answered 502."), (scaler.Groups[0].Notes[0].IsFault, scaler.Groups[0].Notes[0].Text));
        handler.Status = HttpStatusCode.OK;
        _time.Advance(TimeSpan.FromSeconds(2));
        await (await scaler.StepAsync(Test));
        Assert.Equal(["2 of 1", "2 of 1"], handler.Counts);
        scaler.Dispose();
    }

    [Fact]
    public async Task Group_NotThereThoughItShould_IsAskedForAndAgainOnlyAfterItsTime()
    {
        var (handler, member) = (new Handler(), new Member());
        var (_, scaler) = Scale(handler, member, new() { Min = 1, Max = 3, StartSeconds = 60 });

        foreach (var seconds in new[] { 0, 30, 29 })
            await StepAsync(seconds);
        Assert.Equal(["1 of 0"], handler.Counts);
        Assert.Equal(1, scaler.Groups[0].Starting);

        // It did not come: the same number once more, never more than were wanted.
        await StepAsync(1);
        await StepAsync(30);
        Assert.Equal(["1 of 0", "1 of 1"], handler.Counts);
        scaler.Dispose();

        async Task StepAsync(int later)
        {
            _time.Advance(TimeSpan.FromSeconds(later));
            await (await scaler.StepAsync(Test));
        }
    }

    /// <summary>How many run there is not known, and is not to be made fewer by a guess.</summary>
    [Fact]
    public async Task Group_NotAskedYetWhetherItIsThere_IsLeftAlone()
    {
        var (handler, member) = (new Handler(), new Member());
        member.Become(new MemberStatus(MemberPhase.Asleep), agents: 0);
        var (_, scaler) = Scale(handler, member, new() { Min = 1, Max = 3 });

        await (await scaler.StepAsync(Test));
        member.Become(new MemberStatus(MemberPhase.Ready) { Models = [Member.Model] }, agents: 0);
        await (await scaler.StepAsync(Test));

        Assert.Empty(handler.Bodies);
        Assert.Equal(1, scaler.Groups[0].Running);
        scaler.Dispose();
    }

    /// <summary>Three that were there and can't be reached for a moment are asked for as three.</summary>
    [Fact]
    public async Task Group_GoneForAMoment_IsNotMadeFewer()
    {
        var (handler, member) = (new Handler(), new Member());
        var (_, scaler) = Scale(handler, member, new() { Min = 3, Max = 3 });
        member.Become(new MemberStatus(MemberPhase.Ready) { Models = [Member.Model] }, agents: 0);
        await (await scaler.StepAsync(Test));
        member.Become(new MemberStatus(MemberPhase.Asleep, "It can't be reached."), agents: 0);
        await (await scaler.StepAsync(Test));
        await (await scaler.StepAsync(Test));

        Assert.Equal(["3 of 3"], handler.Counts);
        scaler.Dispose();
    }

    [Fact]
    public async Task Step_AgentThatALocalModelServesToo_DoesNotWaitForTheServerElsewhere()
    {
        await using var bench = new ElasticBench();
        var (handler, member) = (new Handler(), new Member());
        var nodes = new NodesOptions { Min = 1, Max = 2, Webhook = "http://scaler/x" };
        bench.Pool.Add(member);
        bench.Scaler.Add(new RemoteGroup(new MemberOptions { Name = member.Name, Url = "http://far" }, nodes, new ScaleHook(nodes, bench.Time, handler), bench.Time));
        var local = await bench.AddAsync("a", min: 0, max: 1);
        await bench.StepAsync(); // the server elsewhere is asked for, and on its way
        var placing = bench.PlaceAsync();
        var change = await bench.BeginStepAsync();
        await local.MakeReadyAsync();
        await change;

        using var lease = await placing;
        Assert.Equal("a", lease.Server);
        Assert.Equal(["1 of 0"], handler.Counts);
    }

    private ScaleHook Command(params string[] command)
    {
        var options = new NodesOptions();
        foreach (var part in command)
            options.Command.Add(part);
        return new ScaleHook(options, _time);
    }

    private (AgentPool Pool, PoolScaler Scaler) Scale(Handler handler, Member member, NodesOptions nodes)
    {
        nodes.Webhook = "http://scaler/x";
        var pool = new AgentPool("least-wait", _time) { Patience = TimeSpan.FromHours(1) };
        pool.Add(member);
        var scaler = new PoolScaler(pool, _time, NullLogger<PoolScaler>.Instance);
        scaler.Add(new RemoteGroup(new MemberOptions { Name = member.Name, Url = "http://far" }, nodes, new ScaleHook(nodes, _time, handler), _time));
        return (pool, scaler);
    }

    private sealed class Handler : HttpMessageHandler
    {
        public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;
        public Exception? Failure { get; set; }
        public Task Gate { get; set; } = Task.CompletedTask;
        public List<string> Bodies { get; } = [];
        public string? LastKey { get; private set; }
        public List<string> Counts => [.. Bodies.Select(body => System.Text.Json.JsonSerializer.Deserialize<ScaleRequest>(body, MuseJson.Options)!).Select(request => $"{request.Desired} of {request.Current}")];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Bodies.Add(await request.Content!.ReadAsStringAsync(cancellationToken));
            LastKey = request.Headers.Authorization?.ToString();
            await Gate.WaitAsync(cancellationToken);
            return Failure is null ? new HttpResponseMessage(Status) : throw Failure;
        }
    }

    private sealed class Member : IPoolMember
    {
        public static ModelInfo Model { get; } = new() { Id = "m", ContextLength = 4096 };

        public event Action? Changed;

        public string Name => "cluster";
        public string Place => "http://far";
        public bool IsLocal => false;
        public MemberStatus Status { get; private set; } = new(MemberPhase.Asleep, "It can't be reached.");
        public EngineSnapshot? Latest { get; private set; }

        public ValueTask<AgentEndpoint> ConnectAsync(string? model, CancellationToken cancellationToken) =>
            ValueTask.FromResult(new AgentEndpoint(new OpenAIChatClient(new HttpClient(), new() { Endpoint = new Uri("http://far"), Model = "m", ServerName = "far" }, TimeProvider.System), Model));

        public Task RestartAsync() => Task.CompletedTask;

        public void Become(MemberStatus status, int agents)
        {
            (Status, Latest) = (status, TestSnapshots.Make(1) with { RowCapacity = 0, Running = agents, Waiting = 0, IntervalSteps = 0 });
            Changed?.Invoke();
        }
    }
}
