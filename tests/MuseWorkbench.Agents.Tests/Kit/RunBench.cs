using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Agents.Pool;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tests.Kit;

/// <summary>The run service as a host composes it, over a scripted model and stored images.</summary>
public sealed class RunBench : IAgentClients, IImageStore, IImageRenderer, IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly IChatClient _client;
    private readonly ConcurrentDictionary<string, ReadOnlyMemory<byte>> _images = new();

    public RunBench(IChatClient client, FakeTimeProvider? time = null, params IStrategy[] strategies)
    {
        _client = client;
        var services = new ServiceCollection().AddLogging()
            .AddSingleton<IAgentClients>(this)
            .AddSingleton<IImageStore>(this)
            .AddSingleton<IImageRenderer>(this);
        if (time is not null)
            services.AddSingleton<TimeProvider>(time);
        foreach (var strategy in strategies)
            services.AddSingleton(strategy);
        _services = services.AddMuseAgents().BuildServiceProvider();
        Runs = _services.GetRequiredService<IRunService>();
    }

    public IRunService Runs { get; }

    /// <summary>Where set, agents are placed by it instead of on the one model.</summary>
    public AgentPool? Pool { get; init; }

    public string ModelId { get; init; } = "muse-mini";

    /// <summary>Where set, what <see cref="GetAsync"/> throws.</summary>
    public Exception? ConnectFailure { get; init; }

    /// <summary>What was asked of the renderer, in order.</summary>
    public ConcurrentQueue<ViewFrame> Rendered { get; } = new();

    /// <summary>Where set, what a rendering waits for first.</summary>
    public Func<CancellationToken, Task>? RenderGate { get; init; }

    /// <summary>Where set, what a rendering throws.</summary>
    public Exception? RenderFailure { get; set; }

    public ImageRef AddImage(int width = 192, int height = 192)
    {
        var image = new ImageRef(Guid.NewGuid().ToString("N") + Guid.NewGuid().ToString("N"), "image/png", width, height, "scene.png");
        _images[image.Sha256] = new byte[] { 1, 2, 3 };
        return image;
    }

    public static RunRequest Request(int agents = 1, string prompt = "How many?", params ImageRef[] images) => new()
    {
        Prompt = prompt,
        Images = [.. images],
        Team = new TeamSpec { Name = "Team", Agents = [.. Enumerable.Range(1, agents).Select(Agent)] },
    };

    public static AgentSpec Agent(int number) => new() { Name = $"Agent {number}", Sampling = new SamplingSpec { Seed = 100 } };

    /// <summary>Starts a run and reads it to its end.</summary>
    public async Task<List<RunEvent>> RunAsync(RunRequest request)
    {
        var id = await Runs.StartAsync(request, TestContext.Current.CancellationToken);
        return await ReadAllAsync(id);
    }

    public async Task<List<RunEvent>> ReadAllAsync(Guid id, long after = 0)
    {
        using var patience = Patience();
        return await Runs.ReadAsync(id, after, patience.Token).ToListAsync(patience.Token);
    }

    /// <summary>Waits for the first event that satisfies <paramref name="condition"/>.</summary>
    public async Task<RunEvent> WaitForAsync(Guid id, Func<RunEvent, bool> condition)
    {
        using var patience = Patience();
        return await Runs.ReadAsync(id, 0, patience.Token).FirstAsync(condition, patience.Token);
    }

    public ValueTask<AgentEndpoint> GetAsync(string? model, CancellationToken cancellationToken) =>
        ConnectFailure is not null
            ? throw ConnectFailure
            : new(new AgentEndpoint(_client, new ModelInfo { Id = ModelId, ContextLength = 4096, Vision = true, ImageFit = ImageFit.PadSquare }));

    public async ValueTask<AgentLease> PlaceAsync(AgentPlace place, CancellationToken cancellationToken) =>
        Pool is { } pool ? await pool.PlaceAsync(place, cancellationToken)
        : place.Except.IsEmpty ? new AgentLease(await GetAsync(place.Model, cancellationToken))
        : throw new ChatClientException(ChatFailure.Unreachable, "There is no other.");

    public ValueTask<ReadOnlyMemory<byte>?> ReadAsync(string sha256, CancellationToken cancellationToken) =>
        new(_images.TryGetValue(sha256, out var bytes) ? bytes : (ReadOnlyMemory<byte>?)null);

    public ValueTask<ImageRef> AddAsync(ReadOnlyMemory<byte> encoded, string name, CancellationToken cancellationToken)
    {
        var image = new ImageRef(Convert.ToHexStringLower(SHA256.HashData(encoded.Span)), "image/png", 10, 10, name);
        _images[image.Sha256] = encoded;
        return new(image);
    }

    /// <summary>The "picture" is the frame in words.</summary>
    public async Task<ReadOnlyMemory<byte>> RenderAsync(ReadOnlyMemory<byte> encoded, ViewFrame frame, CancellationToken cancellationToken)
    {
        Rendered.Enqueue(frame);
        if (RenderGate is { } gate)
            await gate(cancellationToken);
        return RenderFailure is { } failure ? throw failure : Encoding.UTF8.GetBytes(frame.ToString());
    }

    public Task<RgbColour> MeanColourAsync(ReadOnlyMemory<byte> encoded, ViewFrame frame, CancellationToken cancellationToken)
    {
        Rendered.Enqueue(frame);
        return Task.FromResult(new RgbColour(10, 20, 30));
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    // A bound on waiting for a condition that never comes, not a pace.
    private static CancellationTokenSource Patience()
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        source.CancelAfter(TimeSpan.FromSeconds(30));
        return source;
    }
}
