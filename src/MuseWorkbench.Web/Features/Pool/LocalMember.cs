using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Agents.Pool;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Engine;

namespace MuseWorkbench.Web.Features.Pool;

/// <summary>An engine node that this workbench runs, whichever process that is at the moment.</summary>
/// <param name="owned">Whether the supervisor is this member's own to start and to end; else the host's.</param>
internal sealed class LocalMember(string name, string place, NodeSupervisor supervisor, TimeProvider time, bool owned) : IWebMember
{
    private volatile Served? _served;

    public event Action? Changed;

    public string Name => name;

    public string Place => place;

    public bool IsLocal => true;

    public INodeMonitor Monitor => supervisor;

    public EngineSnapshot? Latest => supervisor.Latest;

    public MemberStatus Status
    {
        get
        {
            var status = supervisor.Status;
            return new MemberStatus(Phase(status.Phase), status.Reason)
            {
                Kind = MemberKind.Node, CanContinue = true, Models = status.Model is { } model ? [model] : [], Rows = status.Model?.MaxSequences,
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
        try
        {
            var endpoint = Serve(await supervisor.ConnectAsync(cancellationToken));
            return model is null || model == endpoint.ModelId
                ? endpoint
                : throw new ChatClientException(ChatFailure.Rejected, $"No model \"{model}\" is served here; the engine serves \"{endpoint.ModelId}\".");
        }
        catch (NodeUnavailableException e)
        {
            throw new ChatClientException(ChatFailure.Unreachable, e.Message, e);
        }
    }

    public Task RestartAsync() => supervisor.RestartAsync();

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

    private void OnChanged() => Changed?.Invoke();

    private static MemberPhase Phase(NodePhase phase) => phase switch
    {
        NodePhase.Ready => MemberPhase.Ready,
        NodePhase.Failed => MemberPhase.Failed,
        NodePhase.Stopped => MemberPhase.Stopped,
        _ => MemberPhase.Starting,
    };

    private AgentEndpoint Serve(NodeConnection connection)
    {
        if (_served is { } served && served.Connection == connection)
        {
            return served.Endpoint;
        }

        var model = connection.Model!; // a connection is handed out once its model is known
        var client = new OpenAIChatClient(connection.Http, new() { Endpoint = connection.Url, Model = model.Id, ApiKey = connection.Key, ServerName = "engine node" }, time);
        var endpoint = new AgentEndpoint(new TracedChatClient(client, time), model);
        _served = new Served(connection, endpoint);
        return endpoint;
    }

    private sealed record Served(NodeConnection Connection, AgentEndpoint Endpoint);
}
