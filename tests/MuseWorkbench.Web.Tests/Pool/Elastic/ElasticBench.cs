using System.Collections.Immutable;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Agents.Pool;
using MuseWorkbench.Agents.Pool.Scaling;
using MuseWorkbench.Web.Features.Engine;
using MuseWorkbench.Web.Features.Pool;
using MuseWorkbench.Web.Features.Pool.Elastic;
using MuseWorkbench.Web.Tests.Kit;

namespace MuseWorkbench.Web.Tests.Pool.Elastic;

/// <summary>A pool of groups whose processes are scripted, with time that passes when told to.</summary>
internal sealed class ElasticBench : IAsyncDisposable
{
    private readonly ConfigurationManager _settings = new();
    private readonly List<LocalMember> _members = [];

    public ElasticBench()
    {
        Pool = new AgentPool("least-wait", Time);
        Scaler = new PoolScaler(Pool, Time, NullLogger<PoolScaler>.Instance);
    }

    public ManualTime Time { get; } = new();
    public AgentPool Pool { get; }
    public PoolScaler Scaler { get; }

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    /// <summary>A group of nodes that sleep.</summary>
    public async Task<ScriptedGroup> AddAsync(string name, int min, int max, long? needs = null, bool vision = false)
    {
        var launchers = Enumerable.Range(0, max).Select(_ => new ScriptedNodes()).ToArray();
        var fitting = new ScriptedFitting(new NodeFit("CPU", needs, long.MaxValue));
        var supervisors = launchers.Select(launcher =>
        {
            var supervisor = new NodeSupervisor(launcher, _settings, Options.Create(new NodeOptions()), Time, NullLogger<NodeSupervisor>.Instance);
            supervisor.Sleep(LocalNodes.NotNeeded);
            return supervisor;
        }).ToArray();
        ImmutableArray<LocalMember> members =
        [
            .. supervisors.Select((supervisor, i) => new LocalMember(
                i == 0 ? name : $"{name}-{i + 1}", "here", supervisor, Time, owned: true, new NodeWarmUp(Time), new() { Id = name, ContextLength = 4096, Vision = true })),
        ];
        var group = new ScriptedGroup(
            new LocalGroup(name, new NodeLimits { Min = min, Max = max }, members, fitting, Pool, Time), members, supervisors, launchers, fitting, await NodeServer.StartAsync(vision));
        foreach (var member in members)
        {
            Pool.Add(member);
            member.Start();
            await member.UntilAsync(() => member.IsAsleep, Test);
        }

        _members.AddRange(members);
        _groups.Add(group);
        Scaler.Add(group.Group);
        return group;
    }

    private readonly List<ScriptedGroup> _groups = [];

    /// <summary>Looks once; completes when what was begun is done.</summary>
    public async Task StepAsync() => await (await Scaler.StepAsync(Test));

    /// <summary>Looks once; returns what goes on.</summary>
    public Task<Task> BeginStepAsync() => Scaler.StepAsync(Test);

    public Task<AgentLease> PlaceAsync(string? model = null) => Pool.PlaceAsync(new AgentPlace { Run = Guid.NewGuid(), Agent = 0, Model = model }, Test).AsTask();

    public GroupView View(string name) => Scaler.Groups.Single(group => group.Name == name);

    public async ValueTask DisposeAsync()
    {
        foreach (var member in _members)
            await member.DisposeAsync();
        foreach (var group in _groups)
            await group.Server.DisposeAsync();
        Scaler.Dispose();
        _settings.Dispose();
    }
}

/// <summary>A group, and what its nodes are made of. All of them answer at one address.</summary>
internal sealed record ScriptedGroup(
    LocalGroup Group, ImmutableArray<LocalMember> Members, NodeSupervisor[] Supervisors, ScriptedNodes[] Launchers, ScriptedFitting Fitting, NodeServer Server)
{
    public int Starts => Launchers.Sum(launcher => launcher.Starts);

    /// <summary>Has the node that is started now say that it is ready.</summary>
    public async Task<ScriptedNode> MakeReadyAsync(int index = 0)
    {
        var node = await Launchers[index].NextAsync();
        Server.BeginLife();
        node.Say($$"""{"event":"listening","url":"{{Server.Url}}"}""");
        node.Say("""{"event":"ready"}""");
        return node;
    }
}

internal sealed class ScriptedFitting(NodeFit fit) : INodeFitting
{
    public NodeFit Fit { get; set; } = fit;

    public Task<NodeFit?> AskAsync(CancellationToken cancellationToken) => Task.FromResult<NodeFit?>(Fit);
}
