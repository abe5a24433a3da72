using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Agents.Pool;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Engine;
using MuseWorkbench.Web.Features.Pool.Elastic;

namespace MuseWorkbench.Web.Features.Pool;

/// <summary>An engine node that this workbench runs, whichever process that is at the moment.</summary>
/// <param name="owned">Whether the supervisor is this member's own to start and to end; else the host's.</param>
/// <param name="warmUp">What it serves before it gets agents; null for nothing.</param>
/// <param name="expected">What it will serve, while it never ran; null where that isn't known.</param>
internal sealed class LocalMember(
    string name, string place, NodeSupervisor supervisor, TimeProvider time, bool owned, NodeWarmUp? warmUp = null, ModelInfo? expected = null) : IWebMember
{
    /// <summary>A connection can be lost a moment before the end of its process is seen.</summary>
    private static readonly TimeSpan s_endIsSeen = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan s_answers = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private Served? _served;
    private volatile Warming? _warming;
    private volatile ModelInfo? _model = expected;
    private volatile string? _blocked;

    public event Action? Changed;

    public string Name => name;

    public string Place => place;

    public bool IsLocal => true;

    public INodeMonitor Monitor => supervisor;

    public EngineSnapshot? Latest => supervisor.Latest;

    /// <summary>Raised on any thread when somebody asks for the node while it sleeps.</summary>
    public event Action? Wanted
    {
        add => supervisor.Wanted += value;
        remove => supervisor.Wanted -= value;
    }

    /// <summary>When somebody last asked for the node, for whatever it does.</summary>
    public DateTimeOffset? LastAsked => supervisor.LastAsked;

    public bool IsReady => Status.Phase == MemberPhase.Ready;

    public bool IsAsleep => supervisor.Status.Phase == NodePhase.Asleep;

    /// <summary>Why it does not become ready, a sentence; null where it may.</summary>
    public string? Fault => supervisor.Status is { Phase: NodePhase.Failed or NodePhase.Restarting or NodePhase.Stopped } status ? status.Reason ?? "It ended." : _warming is { Done.IsFaulted: true } warming && IsNow(warming) ? Said(warming) : null;

    public MemberStatus Status
    {
        get
        {
            var status = supervisor.Status;
            var (phase, reason) = (Phase(status.Phase), status.Reason);
            if (phase == MemberPhase.Asleep && _blocked is { } blocked)
                (phase, reason) = (MemberPhase.Failed, blocked);
            if (phase == MemberPhase.Ready && warmUp is not null)
            {
                phase = _warming is { Done.IsCompletedSuccessfully: true } warmed && IsNow(warmed) ? MemberPhase.Ready : MemberPhase.Starting;
                if (Fault is { } fault)
                    (phase, reason) = (MemberPhase.Failed, fault);
            }

            // One that sleeps still serves what it served.
            var model = status.Model ?? (warmUp is null ? null : _model);
            return new MemberStatus(phase, reason)
            {
                Kind = MemberKind.Node, CanContinue = true, Models = model is null ? [] : [model], Rows = status.Model?.MaxSequences,
            };
        }
    }

    public void Start()
    {
        supervisor.StatusChanged += OnChanged;
        supervisor.SnapshotArrived += OnChanged;
        if (owned)
        {
            _ = supervisor.StartAsync(CancellationToken.None);
        }
    }

    public async ValueTask<AgentEndpoint> ConnectAsync(string? model, CancellationToken cancellationToken)
    {
        if (IsAsleep && _blocked is { } blocked)
            throw new ChatClientException(ChatFailure.Unreachable, blocked);
        try
        {
            var connection = await supervisor.ConnectAsync(cancellationToken);
            var endpoint = Serve(connection);
            if (warmUp is not null)
                await Warm(connection).WaitAsync(cancellationToken);
            return model is null || model == endpoint.ModelId
                ? endpoint
                : throw new ChatClientException(ChatFailure.Rejected, $"No model \"{model}\" is served here; the engine serves \"{endpoint.ModelId}\".");
        }
        catch (NodeUnavailableException e)
        {
            throw new ChatClientException(ChatFailure.Unreachable, e.Message, e);
        }
    }

    public async ValueTask<AgentEndpoint?> ConnectAgainAsync(AgentEndpoint failed, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(s_endIsSeen, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await UntilAsync(() => supervisor.Connection is not { } connection || Serve(connection).Client != failed.Client, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null; // it still runs: whatever failed the agent may do so again
        }

        return await ConnectAsync(failed.ModelId, cancellationToken);
    }

    /// <summary>Its process's page of metrics; null where none runs, or it doesn't answer in time.</summary>
    public async Task<string?> ReadMetricsAsync(CancellationToken cancellationToken)
    {
        if (supervisor.Connection is not { } connection)
            return null;
        using var limit = new CancellationTokenSource(s_answers, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await connection.Http.GetStringAsync("metrics", either.Token);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    public Task RestartAsync() => supervisor.RestartAsync();

    /// <summary>Ends its process until it is started again.</summary>
    /// <param name="reason">A sentence for the user.</param>
    public void Sleep(string reason) => supervisor.Sleep(reason);

    /// <summary>While it sleeps: says why it is not started for now; null where it may be.</summary>
    public void Block(string? reason)
    {
        _blocked = reason;
        Changed?.Invoke();
    }

    /// <summary>Completes once that is so.</summary>
    public async Task UntilAsync(Func<bool> isSo, CancellationToken cancellationToken)
    {
        var so = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Changed += Look;
        try
        {
            Look();
            await so.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            Changed -= Look;
        }

        void Look()
        {
            if (isSo())
                so.TrySetResult();
        }
    }

    public async ValueTask DisposeAsync()
    {
        supervisor.StatusChanged -= OnChanged;
        supervisor.SnapshotArrived -= OnChanged;
        if (owned)
        {
            await supervisor.StopAsync(CancellationToken.None);
            supervisor.Dispose();
        }
    }

    private void OnChanged()
    {
        if (warmUp is not null && supervisor.Connection is { } connection)
        {
            _model = connection.Model;
            _ = Warm(connection);
        }

        Changed?.Invoke();
    }

    /// <summary>Completes when this process served its first requests; begins with them where nobody did.</summary>
    private Task Warm(NodeConnection connection)
    {
        lock (_gate)
        {
            if (_warming is { } begun && begun.Connection == connection)
                return begun.Done;
            var done = Task.Run(() => warmUp!.RunAsync(Serve(connection), CancellationToken.None));
            _warming = new Warming(connection, done);
            _ = done.ContinueWith(_ => Changed?.Invoke(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            return done;
        }
    }

    private bool IsNow(Warming warming) => warming.Connection == supervisor.Connection;

    private static string Said(Warming warming) => $"Its first request failed. {warming.Done.Exception?.InnerException?.Message}";

    private static MemberPhase Phase(NodePhase phase) => phase switch
    {
        NodePhase.Ready => MemberPhase.Ready,
        NodePhase.Failed => MemberPhase.Failed,
        NodePhase.Stopped => MemberPhase.Stopped,
        NodePhase.Asleep => MemberPhase.Asleep,
        _ => MemberPhase.Starting,
    };

    /// <summary>The endpoint of a process; one for each, so that another endpoint is another process.</summary>
    private AgentEndpoint Serve(NodeConnection connection)
    {
        lock (_gate)
        {
            if (_served is not { } served || served.Connection != connection)
            {
                var model = connection.Model!; // a connection is handed out once its model is known
                var client = new OpenAIChatClient(connection.Http, new() { Endpoint = connection.Url, Model = model.Id, ApiKey = connection.Key, ServerName = "engine node" }, time);
                _served = served = new Served(connection, new AgentEndpoint(new TracedChatClient(client, time), model));
            }

            return served.Endpoint;
        }
    }

    private sealed record Served(NodeConnection Connection, AgentEndpoint Endpoint);

    private sealed record Warming(NodeConnection Connection, Task Done);
}
