using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;
using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Agents.Pool;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Engine;
using MuseWorkbench.Web.Features.Pool.Metrics;

namespace MuseWorkbench.Web.Features.Pool;

/// <summary>A server elsewhere, one of our nodes or any OpenAI-compatible one: asked what it can do, then watched.</summary>
internal sealed class RemoteMember : IWebMember, INodeMonitor
{
    private static readonly TimeSpan s_poll = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(30);

    /// <summary>The same of a server that may be started at any moment.</summary>
    private static readonly TimeSpan s_longestPauseForNodes = TimeSpan.FromSeconds(5);

    private readonly MemberOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private readonly NodeLog _log;
    private readonly SnapshotHistory _history;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private CancellationTokenSource _again = new();
    private TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private MemberStatus _status;
    private AgentEndpoint? _endpoint;
    private int _restarts;
    private Task _life = Task.CompletedTask;

    /// <param name="handler">Sends its requests; for tests.</param>
    public RemoteMember(MemberOptions options, TimeProvider time, HttpMessageHandler? handler = null)
    {
        (_options, _time) = (options, time);
        _status = new(options.Nodes is null ? MemberPhase.Starting : MemberPhase.Asleep);
        (_log, _history) = (new NodeLog(time), new SnapshotHistory(time));
        _http = CreateHttp(options, handler);
    }

    /// <summary>A client that shows the member's key to that server alone: it follows no redirect elsewhere.</summary>
    public static HttpClient CreateHttp(MemberOptions options, HttpMessageHandler? handler = null)
    {
        var http = new HttpClient(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5), ConnectTimeout = s_patience })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (options.Key.Length > 0)
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.Key);
        return http;
    }

    public event Action? Changed;

    public event Action? StatusChanged;

    public event Action? SnapshotArrived;

    public string Name => _options.Name;

    public string Place => _options.Url;

    public bool IsLocal => false;

    public INodeMonitor Monitor => this;

    public EngineSnapshot? Latest => _history.Latest;

    public IReadOnlyList<NodeLogLine> Log => _log.Lines;

    public MemberStatus Status
    {
        get
        {
            lock (_gate)
                return _status;
        }
    }

    NodeStatus INodeMonitor.Status
    {
        get
        {
            var status = Status;
            return new NodeStatus(
                status.Phase switch
                {
                    MemberPhase.Ready => NodePhase.Ready,
                    MemberPhase.Starting => NodePhase.Starting,
                    MemberPhase.Stopped => NodePhase.Stopped,
                    MemberPhase.Asleep => NodePhase.Asleep,
                    _ => NodePhase.Failed,
                },
                status.Reason, Model: status.Models is [var first, ..] ? first : null, Restarts: _restarts);
        }
    }

    public void Start() => _life = Task.Run(LiveAsync);

    public IReadOnlyList<EngineSnapshot> History(TimeSpan window, int maxPoints) => _history.Read(window, maxPoints);

    public async Task<IReadOnlyList<EngineSequence>> GetSequencesAsync(CancellationToken cancellationToken) =>
        Status is { Kind: MemberKind.Node, Phase: MemberPhase.Ready }
            ? await _http.GetFromJsonAsync<List<EngineSequence>>(MemberAddress.Of(_options.Url, "slots"), MuseJson.Options, cancellationToken) ?? []
            : [];

    public async ValueTask<AgentEndpoint> ConnectAsync(string? model, CancellationToken cancellationToken)
    {
        Task settled;
        lock (_gate)
            settled = _settled.Task;
        await settled.WaitAsync(cancellationToken);
        lock (_gate)
        {
            if (_endpoint is not { } endpoint)
                throw new ChatClientException(ChatFailure.Unreachable, $"The server {Name} can't be used: {_status.Reason ?? "it is not ready."}");
            return model is null || model == endpoint.ModelId
                ? endpoint
                : throw new ChatClientException(ChatFailure.Rejected, $"No model \"{model}\" is served there; {Name} serves \"{endpoint.ModelId}\".");
        }
    }

    public Task RestartAsync()
    {
        lock (_gate)
        {
            _restarts++;
            _again.Cancel();
        }

        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _life;
        // The HTTP client is left to those who still read from it: agents of a member that was taken out go on to their end.
        _again.Dispose();
        _stop.Dispose();
    }

    private async Task LiveAsync()
    {
        var pause = TimeSpan.FromSeconds(1);
        while (!_stop.IsCancellationRequested)
        {
            CancellationToken again;
            lock (_gate)
            {
                _again.Dispose();
                _again = new CancellationTokenSource();
                again = _again.Token;
            }

            using var end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, again);
            MemberPhase phase;
            string reason;
            try
            {
                var server = await new MemberProbe(_http, _options).AskAsync(end.Token);
                Ready(server);
                pause = TimeSpan.FromSeconds(1);
                (phase, reason) = (MemberPhase.Unreachable, await WatchAsync(server, end.Token));
            }
            catch (ProbeException e)
            {
                (phase, reason) = (e.Settled ? MemberPhase.Failed : MemberPhase.Unreachable, e.Message);
            }
            catch (OperationCanceledException) when (end.IsCancellationRequested)
            {
                if (_stop.IsCancellationRequested)
                    break;
                // Agents that wait for nodes to be started go on waiting.
                if (_options.Nodes is null)
                    Publish(new MemberStatus(MemberPhase.Starting));
                continue;
            }
            catch (Exception e)
            {
                (phase, reason) = (MemberPhase.Unreachable, $"Asking it failed: {e.Message}");
            }

            if (phase == MemberPhase.Unreachable && _options.Nodes is not null)
                phase = MemberPhase.Asleep;
            _log.Add(LogLevel.Warning, reason);
            Publish(new MemberStatus(phase, reason) { Kind = Status.Kind });
            try
            {
                // Settings of a member don't change while it lives, but the server's may: it is asked again, seldom.
                await Task.Delay(phase == MemberPhase.Failed ? s_longestPause : pause, _time, end.Token);
            }
            catch (OperationCanceledException)
            {
                continue;
            }

            var longest = _options.Nodes is null ? s_longestPause : s_longestPauseForNodes;
            pause = pause * 2 < longest ? pause * 2 : longest;
        }

        Publish(new MemberStatus(MemberPhase.Stopped, "The member was taken out."));
    }

    private void Ready(ProbedServer server)
    {
        // Others than llama.cpp's kin may refuse a request that has parameters they don't know.
        var kin = server.Kind is MemberKind.Node or MemberKind.LlamaServer;
        var client = new OpenAIChatClient(
            _http, new() { Endpoint = new Uri(_options.Url), Model = server.Models[0].Id, ServerName = $"server {Name}", LlamaParameters = kin, IdleTimeout = TimeSpan.FromSeconds(_options.IdleSeconds), ApiKey = _options.Key.Length > 0 ? _options.Key : null }, _time);
        _log.Add(LogLevel.Information, $"Ready: {server.Kind} with {server.Models[0].Id}.");
        lock (_gate)
            _endpoint = new AgentEndpoint(new TracedChatClient(client, _time), server.Models[0]);
        Publish(new MemberStatus(MemberPhase.Ready)
        {
            Kind = server.Kind, Models = server.Models, Rows = server.Rows ?? (_options.Rows > 0 ? _options.Rows : null), CanContinue = server.Kind != MemberKind.OpenAI,
        });
    }

    /// <summary>Watches it until it no longer answers; returns what happened.</summary>
    private async Task<string> WatchAsync(ProbedServer server, CancellationToken stop)
    {
        try
        {
            if (server.Kind == MemberKind.Node)
                await FollowAsync(stop);
            else
                await PollAsync(server, stop);
            return "It ended its telemetry.";
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return $"It said nothing for {s_patience.TotalSeconds:0} s.";
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
        {
            return "It no longer answers.";
        }
    }

    private async Task FollowAsync(CancellationToken stop)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(stop);
        silence.CancelAfter(s_patience);
        await using var stream = await _http.GetStreamAsync(MemberAddress.Of(_options.Url, "telemetry/stream"), silence.Token);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(silence.Token))
        {
            silence.CancelAfter(s_patience);
            if (item.EventType == "snapshot" && JsonSerializer.Deserialize<EngineSnapshot>(item.Data, MuseJson.Options) is { } snapshot)
                Note(snapshot);
        }
    }

    private async Task PollAsync(ProbedServer server, CancellationToken stop)
    {
        var reader = MetricNames.Of(server.Kind) is null ? null : new MetricsReader(server.Kind, server.Rows ?? _options.Rows);
        while (true)
        {
            using var silence = CancellationTokenSource.CreateLinkedTokenSource(stop);
            silence.CancelAfter(s_patience);
            // Where there are no metrics, that it lists its models shows that it is there.
            using var response = await _http.GetAsync(MemberAddress.Of(_options.Url, reader is null ? "v1/models" : "metrics"), silence.Token);
            if (reader is not null && (int)response.StatusCode is 404 or 501)
            {
                _log.Add(LogLevel.Information, "It has no metrics (llama-server needs --metrics): its load is known from this workbench's own agents.");
                reader = null;
            }
            else
            {
                response.EnsureSuccessStatusCode();
                if (reader is not null)
                    Note(reader.Read(await response.Content.ReadAsStringAsync(silence.Token), _time.GetUtcNow()));
            }

            await Task.Delay(s_poll, _time, stop);
        }
    }

    private void Note(EngineSnapshot snapshot)
    {
        _history.Add(snapshot);
        SnapshotArrived?.Invoke();
        Changed?.Invoke();
    }

    private void Publish(MemberStatus status)
    {
        lock (_gate)
        {
            _status = status;
            if (status.Phase == MemberPhase.Starting)
            {
                if (_settled.Task.IsCompleted)
                    _settled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
            else
            {
                _settled.TrySetResult();
            }

            if (status.Phase != MemberPhase.Ready)
                _endpoint = null;
        }

        StatusChanged?.Invoke();
        Changed?.Invoke();
    }
}
