using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.Options;
using MuseWorkbench.Agents.Pool;
using MuseWorkbench.Web.Features.Engine;
using MuseWorkbench.Web.Features.Pool.Elastic;
using MuseWorkbench.Web.Hosting;

namespace MuseWorkbench.Web.Features.Pool;

/// <summary>
/// The pool's members: those of the settings, and those added on the Pool page, which are kept in <c>pool.json</c> of the data
/// directory, readable by its owner alone. Thread-safe.
/// </summary>
internal sealed class PoolMembers(
    AgentPool pool, NodeSupervisor local, LocalNodes nodes, PoolScaler scaler, Places places, IOptions<PoolOptions> options, TimeProvider time, ILogger<PoolMembers> logger) : IHostedService, IMemberMonitors, IDisposable
{
    /// <summary>The workbench's own engine, where the settings list no members.</summary>
    public const string LocalName = "local";

    public const int MostMembers = 1000;

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly SemaphoreSlim _changing = new(1);
    private readonly List<MemberOptions> _added = [];

    public INodeMonitor? Find(string? name) => name is not null && pool.Get(name) is IWebMember member ? member.Monitor : null;

    /// <summary>Whether it was added on the page, and so can be taken out there.</summary>
    public bool IsAdded(string name)
    {
        lock (_added)
            return _added.Any(member => member.Name == name);
    }

    /// <summary>Asks a server whether it can be a member. Returns why not, a sentence; null where it can.</summary>
    public static async Task<string?> AskAsync(MemberOptions member, CancellationToken cancellationToken)
    {
        if (member.Fault() is { } fault)
            return fault;
        using var http = RemoteMember.CreateHttp(member);
        try
        {
            await new MemberProbe(http, member).AskAsync(cancellationToken);
            return null;
        }
        catch (ProbeException e)
        {
            return e.Message;
        }
    }

    /// <summary>Adds a server and keeps it. Returns what is wrong with it; null where it was added.</summary>
    public async Task<string?> AddAsync(MemberOptions member, CancellationToken cancellationToken)
    {
        if (member.Fault() is { } fault)
            return fault;
        if (member.IsLocal)
            return "Local engines are set up in the settings (Pool:Members).";
        await _changing.WaitAsync(cancellationToken);
        try
        {
            if (pool.Members.Length >= MostMembers)
                return $"The pool has {MostMembers} members already.";
            if (pool.Get(member.Name) is not null)
                return $"There is a member \"{member.Name}\" already.";
            lock (_added)
                _added.Add(member);
            await SaveAsync(cancellationToken);
            Begin(new RemoteMember(member, time));
            return null;
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Takes a member out that was added on the page; its agents go on to their end. False where there is none.</summary>
    public async Task<bool> RemoveAsync(string name, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            lock (_added)
            {
                if (_added.RemoveAll(member => member.Name == name) == 0)
                    return false;
            }

            await SaveAsync(cancellationToken);
            if (pool.Remove(name) is IWebMember member)
                await member.DisposeAsync();
            return true;
        }
        finally
        {
            _changing.Release();
        }
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var set = options.Value.Members;
        if (!set.Any(member => member.IsLocal))
            Begin(new LocalMember(LocalName, "this machine", local, time, owned: false));
        var first = true;
        foreach (var (index, member) in set.Index())
        {
            if (!member.IsLocal)
            {
                Begin(new RemoteMember(member, time));
                if (member.Nodes is { } elsewhere)
                    scaler.Add(new RemoteGroup(member, elsewhere, new ScaleHook(elsewhere, time), time));
                continue;
            }

            if (member.Nodes is { } several && nodes.Start)
            {
                BeginGroup(member, several, index, first);
                first = false;
                continue;
            }

            Begin(first ? new LocalMember(member.Name, "this machine", local, time, owned: false) : new LocalMember(member.Name, "this machine", nodes.Create(index), time, owned: true));
            first = false;
        }

        foreach (var member in await LoadAsync(cancellationToken))
        {
            if (member.Fault() is { } fault)
                logger.MemberLeftOut(member.Name, fault);
            else if (pool.Get(member.Name) is not null)
                logger.MemberLeftOut(member.Name, "the settings have a member of that name");
            else
            {
                lock (_added)
                    _added.Add(member);
                Begin(new RemoteMember(member, time));
            }
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var view in pool.Members)
        {
            if (pool.Remove(view.Name) is IWebMember member)
                await member.DisposeAsync();
        }
    }

    public void Dispose() => _changing.Dispose();

    /// <summary>Nodes that come and go; those that always run are started by the scaler, too, one after another, but for the workbench's own.</summary>
    private void BeginGroup(MemberOptions member, NodesOptions several, int index, bool first)
    {
        var command = nodes.Command(index);
        var warmUp = new NodeWarmUp(time);
        var expected = command.Expect();
        ImmutableArray<LocalMember> group = [.. member.NodeNames.Select((name, n) =>
        {
            if (first && n == 0)
                return new LocalMember(name, "this machine", local, time, owned: false, warmUp, expected);
            var supervisor = nodes.Create(index);
            supervisor.Sleep(LocalNodes.NotNeeded);
            return new LocalMember(name, "this machine", supervisor, time, owned: true, warmUp, expected);
        })];
        foreach (var node in group)
            Begin(node);
        scaler.Add(new LocalGroup(member.Name, several.Limits, group, new NodeFitting(command), pool, time));
    }

    private void Begin(IWebMember member)
    {
        pool.Add(member);
        member.Start();
    }

    private string File => Path.Combine(places.Data, "pool.json");

    private async Task<IReadOnlyList<MemberOptions>> LoadAsync(CancellationToken cancellationToken)
    {
        if (!System.IO.File.Exists(File))
            return [];
        try
        {
            await using var stream = System.IO.File.OpenRead(File);
            return await JsonSerializer.DeserializeAsync<List<MemberOptions>>(stream, s_json, cancellationToken) ?? [];
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            // Kept as it is: it may be mended by hand.
            logger.MembersNotRead(File, e.Message);
            return [];
        }
    }

    private async Task SaveAsync(CancellationToken cancellationToken)
    {
        MemberOptions[] members;
        lock (_added)
            members = [.. _added];
        var part = File + ".part";
        var open = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            open.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using (var stream = new FileStream(part, open))
        {
            await JsonSerializer.SerializeAsync(stream, members, s_json, cancellationToken);
            stream.Flush(flushToDisk: true);
        }

        System.IO.File.Move(part, File, overwrite: true);
    }
}
