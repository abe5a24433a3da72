using System.Collections.Immutable;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using MuseWorkbench.Agents;
using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Core;
using MuseWorkbench.Data.Runs;
using MuseWorkbench.Data.Storage;

namespace MuseWorkbench.Data.Tests.Kit;

/// <summary>Store and runs as a host composes them, over a real file in a folder, and a scripted model.</summary>
internal sealed class StoreBench : IAgentClients, IImageStore, IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly IChatClient _client;

    private StoreBench(string folder, string? connection, IChatClient? client, int? maxPages, TimeProvider? time)
    {
        _client = client ?? ScriptedChatClient.Saying("3");
        var services = new ServiceCollection().AddLogging().AddSingleton(time ?? TimeProvider.System)
            .AddSingleton<IAgentClients>(this).AddSingleton<IImageStore>(this);
        services.AddMuseData(_ => folder, _ => connection);
        if (maxPages is not null)
            services.AddSingleton<RunDatabase>(new SqliteDatabase(folder, TimeProvider.System, NullLogger<RunDatabase>.Instance) { MaxPages = maxPages });
        _services = services.AddMuseAgents().BuildServiceProvider();
        Folder = folder;
    }

    public string Folder { get; }

    /// <summary>Whether the model's server goes on with replies that were begun.</summary>
    public bool CanContinue { get; set; }

    /// <summary>Whether it has every image that is asked for.</summary>
    public bool HasImages { get; set; }

    /// <summary>Of the model.</summary>
    public string ModelId { get; set; } = "muse-mini";

    public RunDatabase Database => _services.GetRequiredService<RunDatabase>();
    public IRunStore Store => _services.GetRequiredService<IRunStore>();
    public IRunCatalog Catalog => _services.GetRequiredService<IRunCatalog>();
    public ICaseStore Cases => _services.GetRequiredService<ICaseStore>();
    public IExperimentStore Experiments => _services.GetRequiredService<IExperimentStore>();
    public IRunService Runs => _services.GetRequiredService<IRunService>();

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    public static Task<StoreBench> StartAsync(string folder, IChatClient? client = null, int? maxPages = null, TimeProvider? time = null) =>
        StartAsync(folder, null, client, maxPages, time);

    /// <summary>Over the folder's database, whichever that is.</summary>
    public static Task<StoreBench> StartAsync(TempFolder folder, IChatClient? client = null, TimeProvider? time = null) =>
        StartAsync(folder.Path, folder.Connection, client, null, time);

    private static async Task<StoreBench> StartAsync(string folder, string? connection, IChatClient? client, int? maxPages, TimeProvider? time)
    {
        var bench = new StoreBench(folder, connection, client, maxPages, time);
        foreach (var service in bench._services.GetServices<IHostedService>())
            await service.StartAsync(Test);
        return bench;
    }

    public static RunRequest Request(int agents = 1, string prompt = "How many?", string team = "Team") => new()
    {
        Prompt = prompt,
        Team = new TeamSpec { Name = team, Agents = [.. Enumerable.Range(1, agents).Select(n => new AgentSpec { Name = $"Agent {n}" })] },
    };

    /// <summary>A finished run's events, numbered, a millisecond apart.</summary>
    public static ImmutableArray<RunEvent> Script(DateTimeOffset start, RunRequest request, params RunEvent[] then)
    {
        var id = Guid.CreateVersion7(start);
        return [.. new RunEvent[] { new RunStarted { Request = request } }.Concat(then).Select((e, i) => e with { RunId = id, Seq = i + 1, At = start.AddMilliseconds(i) })];
    }

    public static RunFinished Finished(RunOutcome outcome = RunOutcome.Completed) =>
        new() { Outcome = outcome, WallClockMs = 1200, TotalTokens = 30, CriticalPathTokens = 12 };

    public async Task<List<RunEvent>> ReadAllAsync(Guid id)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Test);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        List<RunEvent> events = [];
        await foreach (var e in Runs.ReadAsync(id, 0, patience.Token))
            events.Add(e);
        return events;
    }

    /// <summary>Waits until <paramref name="condition"/> holds for the store.</summary>
    public async Task UntilAsync(Func<RunStoreStatus, bool> condition)
    {
        var met = new TaskCompletionSource();
        void Check()
        {
            if (condition(Store.Status))
                met.TrySetResult();
        }
        Store.StatusChanged += Check;
        Check();
        await met.Task.WaitAsync(TimeSpan.FromSeconds(30), Test);
        Store.StatusChanged -= Check;
    }

    public ValueTask<AgentEndpoint> GetAsync(string? model, CancellationToken cancellationToken) =>
        new(new AgentEndpoint(_client, new ModelInfo { Id = ModelId, ContextLength = 4096, Vision = true, ImageFit = ImageFit.PadSquare }));

    public async ValueTask<AgentLease> PlaceAsync(AgentPlace place, CancellationToken cancellationToken) =>
        place.Except.IsEmpty
            ? new Lease(await GetAsync(place.Model, cancellationToken), CanContinue)
            : throw new ChatClientException(ChatFailure.Unreachable, "There is no other.");

    public ValueTask<ReadOnlyMemory<byte>?> ReadAsync(string sha256, CancellationToken cancellationToken) =>
        new(HasImages ? new byte[] { 1, 2, 3 } : (ReadOnlyMemory<byte>?)null);

    public ValueTask<ImageRef> AddAsync(ReadOnlyMemory<byte> encoded, string name, CancellationToken cancellationToken) =>
        throw new IOException("This store keeps no images.");

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private sealed class Lease(AgentEndpoint endpoint, bool canContinue) : AgentLease(endpoint)
    {
        public override bool CanContinue => canContinue;
    }
}
