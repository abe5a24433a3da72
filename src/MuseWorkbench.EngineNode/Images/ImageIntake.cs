using System.Security.Cryptography;
using MuseWorkbench.Engine;
using MuseWorkbench.Engine.Images;

namespace MuseWorkbench.EngineNode.Images;

/// <summary>
/// Decodes images for requests, two at a time, as many as the decoder itself lets in, so that requests that wait hold no
/// thread. Requests that carry the same bytes share one decode and its pixels, for as long as one of them holds these.
/// </summary>
internal sealed class ImageIntake : IDisposable
{
    private readonly SemaphoreSlim _slots = new(2);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Task<RgbImage>> _running = [];
    // Weak: nothing is kept here for its own sake.
    private readonly Dictionary<string, WeakReference<RgbImage>> _held = [];

    /// <exception cref="Engine.Requests.RequestRejectedException">Not an image the decoder takes.</exception>
    public Task<RgbImage> DecodeAsync(IInferenceEngine engine, ReadOnlyMemory<byte> encoded, CancellationToken cancellationToken)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(encoded.Span));
        lock (_lock)
        {
            if (_held.TryGetValue(hash, out var held) && held.TryGetTarget(out var image))
            {
                return Task.FromResult(image);
            }

            if (!_running.TryGetValue(hash, out var running))
            {
                // Goes on when whoever asked first leaves: others may wait for it.
                _running[hash] = running = Task.Run(() => RunAsync(engine, encoded, hash), CancellationToken.None);
            }

            return running.WaitAsync(cancellationToken);
        }
    }

    public void Dispose() => _slots.Dispose();

    private async Task<RgbImage> RunAsync(IInferenceEngine engine, ReadOnlyMemory<byte> encoded, string hash)
    {
        RgbImage? image = null;
        await _slots.WaitAsync();
        try
        {
            return image = engine.Images.Decode(encoded);
        }
        finally
        {
            _slots.Release();
            Settle(hash, image);
        }
    }

    private void Settle(string hash, RgbImage? image)
    {
        lock (_lock)
        {
            _running.Remove(hash);
            foreach (var (gone, _) in _held.Where(entry => !entry.Value.TryGetTarget(out _)).ToArray())
            {
                _held.Remove(gone);
            }

            if (image is not null)
            {
                _held[hash] = new WeakReference<RgbImage>(image);
            }
        }
    }
}
