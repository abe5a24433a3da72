using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Conversation;

/// <summary>
/// Pictures of images under views, made once however many agents and runs ask, and kept while they fit in a budget, least
/// recently used out first. Thread-safe.
/// </summary>
/// <param name="budget">Bytes kept.</param>
internal sealed class ViewCache(IImageRenderer renderer, long budget = 32 * 1024 * 1024)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Key, Task<ReadOnlyMemory<byte>>> _pictures = [];

    /// <summary>Those that are made, least recently used first.</summary>
    private readonly LinkedList<(Key Key, int Bytes)> _kept = [];
    private long _bytes;

    /// <summary>The picture, as PNG. Goes on being made when whoever asked first is stopped: others may wait for it.</summary>
    /// <param name="sha256">Of <paramref name="encoded"/>.</param>
    /// <exception cref="ImageRenderException">It could not be made; who asks next may have better luck.</exception>
    public Task<ReadOnlyMemory<byte>> RenderAsync(string sha256, ReadOnlyMemory<byte> encoded, ViewFrame frame)
    {
        var key = new Key(sha256, frame);
        lock (_lock)
        {
            if (_pictures.TryGetValue(key, out var known))
            {
                if (known.IsCompletedSuccessfully && _kept.Remove((key, known.Result.Length)))
                    _kept.AddLast((key, known.Result.Length));
                return known;
            }

            return _pictures[key] = Task.Run(() => MakeAsync(key, encoded));
        }
    }

    private async Task<ReadOnlyMemory<byte>> MakeAsync(Key key, ReadOnlyMemory<byte> encoded)
    {
        try
        {
            var picture = await renderer.RenderAsync(encoded, key.Frame, CancellationToken.None);
            lock (_lock)
            {
                _kept.AddLast((key, picture.Length));
                _bytes += picture.Length;
                while (_bytes > budget)
                {
                    var oldest = _kept.First!.Value;
                    _kept.RemoveFirst();
                    _bytes -= oldest.Bytes;
                    _pictures.Remove(oldest.Key);
                }
            }

            return picture;
        }
        catch
        {
            lock (_lock)
                _pictures.Remove(key);
            throw;
        }
    }

    private readonly record struct Key(string Sha256, ViewFrame Frame);
}
