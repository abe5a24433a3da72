using Microsoft.Extensions.Logging.Abstractions;
using MuseWorkbench.Engine.Images;
using MuseWorkbench.Engine.Prompts;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Sampling;
using MuseWorkbench.Engine.Scheduling;
using MuseWorkbench.Engine.Telemetry;

namespace MuseWorkbench.Engine.Tests.Scheduling;

/// <summary>An engine loop without its thread: each <see cref="Step"/> is one of the engine's, followed by a check of the cells.</summary>
internal sealed class EngineHarness
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    private readonly Queue<Action> _embeddings = new();
    private readonly PromptBuilder _prompts;
    private readonly int _context;
    private int _requests;

    public EngineHarness(FakeRuntime? runtime = null, FakeEmbedder? embedder = null, EngineLimits? limits = null)
    {
        Runtime = runtime ?? new FakeRuntime();
        Embedder = embedder ?? new FakeEmbedder();
        Embeddings = new EmbeddingCache(Embedder, 1 << 20, RunEmbedding);
        Recorder = new EngineRecorder(Runtime, Embeddings, Time);
        Loop = new EngineLoop(Runtime, Embeddings, Recorder, limits ?? new EngineLimits(150), NullLogger.Instance);
        _context = Math.Min(Runtime.Info.CellCapacity, Runtime.Info.TrainedContext);
        _prompts = new PromptBuilder(Runtime, Embedder, _context);
    }

    public FakeRuntime Runtime { get; }
    public FakeEmbedder Embedder { get; }
    public EmbeddingCache Embeddings { get; }
    public EngineRecorder Recorder { get; }
    public EngineLoop Loop { get; }
    public ManualTime Time { get; } = new();

    /// <summary>Embeddings are computed at once; where false, by <see cref="ComputeEmbeddings"/>.</summary>
    public bool EmbedsAtOnce { get; set; } = true;

    public Client Ask(string text, int maxTokens = 10, SamplingOptions? sampling = null, RgbImage? image = null, params string[] stop) =>
        Ask(Prompt(text, image), maxTokens, sampling, stop);

    public Client Ask(IReadOnlyList<PromptPart> prompt, int maxTokens = 10, SamplingOptions? sampling = null, params string[] stop) =>
        Ask(Request(prompt, maxTokens, sampling) with { Stop = stop });

    /// <summary>Asks as one of a run, or with a priority.</summary>
    public Client AskAs(string? run, int priority, string text, int maxTokens = 10, SamplingOptions? sampling = null, RgbImage? image = null) =>
        Ask(Request(Prompt(text, image), maxTokens, sampling) with { Run = run, Priority = priority });

    /// <summary>Asks for events that come together.</summary>
    public Client AskPaced(TimeSpan pace, string text, int maxTokens) =>
        Ask(Request(Prompt(text, null), maxTokens, null) with { Pace = pace });

    /// <summary>Asks for an answer that is kept for the next turn, or not.</summary>
    public Client AskToKeep(string text, int maxTokens, bool keep) => Ask(Request(Prompt(text, null), maxTokens, null) with { KeepAnswer = keep });

    private static IReadOnlyList<PromptPart> Prompt(string text, RgbImage? image) =>
        image is null ? [new TextPart(text, true)] : [new TextPart("u", true), new ImagePart(image), new TextPart(text, true)];

    private GenerationRequest Request(IReadOnlyList<PromptPart> prompt, int maxTokens, SamplingOptions? sampling) => new()
    {
        Id = $"r{_requests++}",
        Prompt = prompt,
        MaxTokens = maxTokens,
        Sampling = sampling ?? new SamplingOptions { Temperature = 0 },
    };

    private Client Ask(GenerationRequest request)
    {
        var (elements, images) = _prompts.Build(request);
        var client = new Client(new Generation(request, elements, images, _context, Time));
        Loop.Submit(client.Generation);
        return client;
    }

    public void Cancel(Client client) => Loop.Cancel(client.Generation);

    public bool Step()
    {
        Time.Advance(TimeSpan.FromMilliseconds(1));
        var worked = Loop.Step();
        CheckCells();
        return worked;
    }

    public void Steps(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Step();
        }
    }

    /// <summary>Steps until nothing is left to do.</summary>
    public void Run(int limit = 100_000)
    {
        for (var steps = 0; ; steps++)
        {
            var worked = Step();
            if (!worked && Loop.Scheduler.Running.Count + Loop.Scheduler.Waiting.Count == 0)
            {
                return;
            }
            // Nothing to do while requests are under way: a failed embedding's notice is on its way from the thread pool.
            Assert.True(steps < limit && (worked || Loop.Wait(s_deadline)), "The engine makes no progress.");
        }
    }

    public void ComputeEmbeddings()
    {
        while (_embeddings.TryDequeue(out var embedding))
        {
            embedding();
        }
    }

    private Task<float[]> RunEmbedding(Func<float[]> compute)
    {
        if (EmbedsAtOnce)
        {
            try
            {
                return Task.FromResult(compute());
            }
            catch (InvalidDataException exception)
            {
                return Task.FromException<float[]>(exception);
            }
        }
        var source = new TaskCompletionSource<float[]>();
        _embeddings.Enqueue(() => source.SetResult(compute()));
        return source.Task;
    }

    /// <summary>The bookkeeping agrees with the runtime's real cells, in number and by kind, and every live entry with its sequence.</summary>
    private void CheckCells()
    {
        var counted = Loop.Cache.Cells;
        Assert.InRange(counted.Pinned + counted.Shared + counted.Private, 0, counted.Capacity);
        var running = Loop.Scheduler.Running.Select(s => s.Cached!.Id).ToHashSet();
        int pinned = 0, shared = 0, single = 0;
        foreach (var holders in Runtime.Cells)
        {
            var runners = holders.Count(running.Contains);
            (pinned, shared, single) = (runners, holders.Count) switch
            {
                (0, _) => (pinned + 1, shared, single),
                (1, 1) => (pinned, shared, single + 1),
                _ => (pinned, shared + 1, single),
            };
        }
        Assert.Equal((pinned, shared, single), (counted.Pinned, counted.Shared, counted.Private));
        Assert.Equal(Runtime.Used, pinned + shared + single);
        Assert.All(Loop.Scheduler.Running, s => Assert.Equal(s.Computed, Runtime.LengthOf(s.Cached!.Id)));
        Assert.All(Loop.Scheduler.Waiting, s => Assert.Null(s.Cached));
    }
}

/// <summary>A request's reader.</summary>
internal sealed class Client(Generation generation)
{
    private readonly List<GenerationEvent> _events = [];

    public Generation Generation { get; } = generation;

    public IReadOnlyList<GenerationEvent> Events
    {
        get
        {
            while (Generation.Events.TryRead(out var item))
            {
                _events.Add(item);
            }
            return _events;
        }
    }

    public string Text => string.Concat(Events.Select(e => e switch
    {
        TokenGenerated token => token.Text,
        GenerationFinished finished => finished.Text,
        _ => "",
    }));

    public int[] Tokens => [.. Events.OfType<TokenGenerated>().Select(t => t.Token)];

    public GenerationFinished Finish => Assert.Single(Events.OfType<GenerationFinished>());

    public Exception? Failure
    {
        get
        {
            _ = Events;
            return Generation.Events.Completion.Exception?.InnerException;
        }
    }
}

/// <summary>A clock that moves when told.</summary>
internal sealed class ManualTime : TimeProvider
{
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _ticks;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(_ticks);

    public void Advance(TimeSpan by) => _ticks += by.Ticks;
}
