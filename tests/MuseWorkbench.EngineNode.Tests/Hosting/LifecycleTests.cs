using System.Net;
using System.Text.Json.Nodes;
using MuseWorkbench.Engine;
using MuseWorkbench.EngineNode.Hosting;
using MuseWorkbench.EngineNode.Tests.Fakes;

namespace MuseWorkbench.EngineNode.Tests.Hosting;

public sealed class LifecycleTests
{
    [Fact]
    public async Task Start_WhileLoading_AnswersWithProgress()
    {
        await using var node = await TestNode.StartAsync(ready: false);
        (await node.Loader.Started.Task).Report(0.4);

        using var health = await node.Client.GetAsync("/health", Deadline.Token);
        using var chat = await node.AskAsync();
        var body = await health.JsonAsync();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        Assert.Equal("Loading model", (string)body["error"]!["message"]!);
        Assert.Equal(0.4, (double)body["progress"]!);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, chat.StatusCode);
        Assert.Equal(0, (double)(await node.Events.WaitAsync("loading"))["progress"]!);
        Assert.Equal(0.4, (double)(await node.Events.WaitAsync("loading"))["progress"]!);
    }

    [Fact]
    public async Task Start_Loaded_HealthIsOk()
    {
        await using var node = await TestNode.StartAsync();

        using var health = await node.Client.GetAsync("/health", Deadline.Token);

        Assert.Equal("""{"status":"ok"}""", (await health.JsonAsync()).ToJsonString());
    }

    [Theory]
    [InlineData(true, "The model file is damaged.")]
    [InlineData(false, "The engine could not be started (InvalidOperationException).")]
    public async Task Start_LoadFails_SaysWhyAndExitsWith3(bool explained, string reason)
    {
        await using var node = await TestNode.StartAsync(ready: false);

        node.Loader.Result.SetException(explained ? new NodeStartException("The model file is damaged.") : new InvalidOperationException("internals"));

        Assert.Equal(reason, (string)(await node.Events.WaitAsync("failed"))["reason"]!);
        await StoppingAsync(node);
        Assert.Equal(ExitCodes.CannotStart, node.Lifetime.ExitCode);
    }

    [Fact]
    public async Task Run_EngineFails_SaysWhyAndExitsWith4()
    {
        await using var node = await TestNode.StartAsync();

        node.Engine.Fail("The device is lost.");

        Assert.Equal("The device is lost.", (string)(await node.Events.WaitAsync("failed"))["reason"]!);
        await StoppingAsync(node);
        Assert.Equal(ExitCodes.EngineFailed, node.Lifetime.ExitCode);
    }

    [Fact]
    public async Task Stop_Idle_DisposesTheEngine()
    {
        await using var node = await TestNode.StartAsync();

        await node.StopAsync();

        Assert.True(node.Engine.Disposed);
        Assert.Equal(ExitCodes.Ok, node.Lifetime.ExitCode);
    }

    [Fact]
    public async Task Stop_WhileLoading_DoesNotWaitForTheLoad()
    {
        await using var node = await TestNode.StartAsync(ready: false);
        await node.Loader.Started.Task;

        await node.StopAsync();

        Assert.Equal(ExitCodes.Ok, node.Lifetime.ExitCode);
    }

    [Fact]
    public async Task Stop_RequestFinishesInTime_IsWhole()
    {
        await using var node = await TestNode.StartAsync(time: new ManualTime());
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        node.Engine.Script = (request, _) => Wait(request, go);
        using var response = await node.AskAsync("\"stream\":true");

        var stopping = node.StopAsync();
        await StoppingAsync(node);
        go.SetResult();
        var chunks = await response.ChunksAsync();
        await stopping;

        Assert.Equal("stop", (string)chunks[^1]["choices"]![0]!["finish_reason"]!);

        static async IAsyncEnumerable<Engine.Requests.GenerationEvent> Wait(Engine.Requests.GenerationRequest request, TaskCompletionSource go)
        {
            yield return FakeEngine.Token(request, 0, "a");
            await go.Task;
            yield return FakeEngine.Token(request, 1, "b");
            yield return FakeEngine.Finish(2);
        }
    }

    [Fact]
    public async Task Stop_RequestTakesTooLong_EndsWithErrorEvent()
    {
        var time = new ManualTime();
        await using var node = await TestNode.StartAsync(time: time);
        node.Engine.Script = FakeEngine.Hang;
        using var response = await node.AskAsync("\"stream\":true");

        var stopping = node.StopAsync();
        var deadline = Deadline.Token;
        while (time.Timers == 0)
        {
            await Task.Delay(5, deadline);
        }

        time.Advance(NodeLifetime.DrainTime);
        var data = await response.DataAsync();
        await stopping;

        Assert.Equal("shutting_down", (string)JsonNode.Parse(data[^1])!["error"]!["code"]!);
        Assert.True(node.Engine.Cancelled.Reader.TryRead(out _));
    }

    [Theory]
    [InlineData("http://0.0.0.0:0", "MUSE_NODE_KEY")]
    [InlineData("nonsense", "nonsense")]
    public async Task Run_WrongAddress_SaysWhyAndExitsWith3(string urls, string mentioned)
    {
        var events = new EventLog();
        var process = new NodeProcess { Events = events, OpenInput = () => Stream.Null, Exit = _ => { } };

        var code = await NodeHost.RunAsync(["--urls", urls], process, _ => { });

        Assert.Equal(ExitCodes.CannotStart, code);
        Assert.Contains(mentioned, (string)(await events.WaitAsync("failed"))["reason"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_AddressInUse_SaysWhyAndExitsWith3()
    {
        await using var other = await TestNode.StartAsync();
        var events = new EventLog();
        var process = new NodeProcess { Events = events, OpenInput = () => Stream.Null, Exit = _ => { } };

        var code = await NodeHost.RunAsync(
            ["--urls", other.Url.ToString(), "--Logging:LogLevel:Default=None"], process, builder => builder.Services.AddSingleton<IEngineLoader>(new FakeLoader()));

        Assert.Equal(ExitCodes.CannotStart, code);
        Assert.Contains("could not listen", (string)(await events.WaitAsync("failed"))["reason"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ParentWatch_InputEnds_ExitsWithoutTheThreadPool()
    {
        var exited = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var parent = new System.IO.Pipes.AnonymousPipeServerStream(System.IO.Pipes.PipeDirection.Out);
        var input = new System.IO.Pipes.AnonymousPipeClientStream(System.IO.Pipes.PipeDirection.In, parent.ClientSafePipeHandle);
        var process = new NodeProcess { Events = TextWriter.Null, OpenInput = () => input, Exit = code => exited.SetResult(code) };

        ParentWatch.Start(process, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        parent.WriteByte(1);
        Assert.False(exited.Task.IsCompleted);
        parent.Dispose();

        Assert.Equal(ExitCodes.Ok, await exited.Task.WaitAsync(Deadline.Token));
    }

    private static async Task StoppingAsync(TestNode node)
    {
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = node.Lifetime.Stopping.Register(stopping.SetResult);
        await stopping.Task.WaitAsync(Deadline.Token);
    }
}
