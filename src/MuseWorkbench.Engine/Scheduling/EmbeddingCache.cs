using MuseWorkbench.Engine.Images;

namespace MuseWorkbench.Engine.Scheduling;

/// <summary>
/// Image embeddings, computed once however many ask at a time and kept while they fit in a budget, least recently used out first.
/// Thread-safe. One cache serves one projector.
/// </summary>
/// <param name="budget">Bytes kept.</param>
/// <param name="run">Where an embedding is computed; the thread pool by default.</param>
internal sealed class EmbeddingCache(IImageEmbedder embedder, long budget, Func<Func<float[]>, Task<float[]>>? run = null)
{
    private readonly Func<Func<float[]>, Task<float[]>> _run = run ?? Task.Run;
    private readonly Lock _lock = new();
    private readonly Dictionary<Key, Task<float[]>> _tasks = [];
    private readonly LinkedList<Key> _kept = [];
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

    public Task<float[]> GetAsync(RgbImage image)
    {
        var key = new Key(image.ContentHash, image.Width, image.Height);
        TaskCompletionSource<float[]> source;
        lock (_lock)
        {
            if (_tasks.TryGetValue(key, out var task))
            {
                _hits++;
                if (_kept.Remove(key))
                {
                    _kept.AddLast(key);
                }
                return task;
            }
            _encodes++;
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
            var embedding = await _run(() => embedder.Embed(image)).ConfigureAwait(false);
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
