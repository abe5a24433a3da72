using MuseWorkbench.Engine.Images;

namespace MuseWorkbench.Engine.Scheduling;

/// <summary>
/// Image embeddings, computed once however many ask at a time and kept while they fit in a budget, least recently used out first.
/// One whose turn comes when nobody wants it any more is not computed. Thread-safe. One cache serves one projector.
/// </summary>
/// <param name="budget">Bytes kept.</param>
/// <param name="run">Where an embedding is computed; the thread pool by default.</param>
internal sealed class EmbeddingCache(IImageEmbedder embedder, long budget, Func<Func<float[]>, Task<float[]>>? run = null)
{
    private static readonly float[] s_unwanted = [float.NaN];

    private readonly Func<Func<float[]>, Task<float[]>> _run = run ?? Task.Run;
    private readonly Lock _lock = new();
    private readonly Dictionary<Key, Task<float[]>> _tasks = [];
    private readonly LinkedList<Key> _kept = [];

    /// <summary>Who asked for what has not begun: whether they still want it.</summary>
    private readonly Dictionary<Key, List<Func<bool>>> _askers = [];

    private long _bytes;
    private long _encodes;
    private long _hits;
    private long _evictions;

    public IImageEmbedder Embedder => embedder;

    /// <summary>Bytes kept.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    public long Encodes => Interlocked.Read(ref _encodes);

    /// <summary>Asked for while kept or being computed.</summary>
    public long Hits => Interlocked.Read(ref _hits);

    /// <summary>Dropped for the budget.</summary>
    public long Evictions => Interlocked.Read(ref _evictions);

    /// <param name="wanted">Asked when its turn comes, on any thread. The task ends as cancelled where nobody who asked wants it any more.</param>
    public Task<float[]> GetAsync(RgbImage image, Func<bool> wanted)
    {
        var key = new Key(image.ContentHash, image.Width, image.Height);
        TaskCompletionSource<float[]> source;
        lock (_lock)
        {
            if (_tasks.TryGetValue(key, out var task))
            {
                _hits++;
                if (_askers.TryGetValue(key, out var askers))
                {
                    askers.Add(wanted);
                }
                if (_kept.Remove(key))
                {
                    _kept.AddLast(key);
                }
                return task;
            }
            _askers.Add(key, [wanted]);
            source = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _tasks.Add(key, source.Task);
        }
        _ = ComputeAsync(key, image, source);
        return source.Task;
    }

    private async Task ComputeAsync(Key key, RgbImage image, TaskCompletionSource<float[]> source)
    {
        try
        {
            var embedding = await _run(() => Embed(key, image)).ConfigureAwait(false);
            if (embedding == s_unwanted)
            {
                source.SetCanceled();
                return;
            }
            Keep(key, embedding);
            source.SetResult(embedding);
        }
        catch (Exception exception)
        {
            lock (_lock)
            {
                _tasks.Remove(key);
            }
            source.SetException(exception);
        }
    }

    /// <summary>The embedding; where nobody wants it, <see cref="s_unwanted"/>, and it is forgotten: who asks from now on has it computed anew.</summary>
    private float[] Embed(Key key, RgbImage image)
    {
        lock (_lock)
        {
            _askers.Remove(key, out var askers);
            if (!askers!.Exists(wanted => wanted()))
            {
                _tasks.Remove(key);
                return s_unwanted;
            }
            _encodes++;
        }
        return embedder.Embed(image);
    }

    private void Keep(Key key, float[] embedding)
    {
        lock (_lock)
        {
            _kept.AddLast(key);
            _bytes += Size(embedding);
            while (_bytes > budget && _kept.First is { } oldest)
            {
                _kept.RemoveFirst();
                _evictions++;
                _tasks.Remove(oldest.Value, out var task);
                _bytes -= Size(oldest.Value == key ? embedding : task!.Result);
            }
        }
    }

    private static long Size(float[] embedding) => sizeof(float) * (long)embedding.Length;

    private readonly record struct Key(string ContentHash, int Width, int Height);
}
