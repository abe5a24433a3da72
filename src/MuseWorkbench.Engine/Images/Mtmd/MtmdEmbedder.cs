using System.Runtime.InteropServices;
using MuseWorkbench.Core;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Runtimes;
using MuseWorkbench.Engine.Runtimes.Llama;
using MuseWorkbench.Engine.Runtimes.Machine;

namespace MuseWorkbench.Engine.Images.Mtmd;

/// <summary>
/// Embeds images by libmtmd, for projectors with a vision tower. Layouts may be asked for from any thread; encoding is not
/// thread-safe there and runs one image after another.
/// </summary>
internal sealed unsafe class MtmdEmbedder : IImageEmbedder, IDisposable
{
    /// <summary>Layouts remembered; images of a run are of few sizes.</summary>
    private const int MaxLayouts = 256;

    private readonly MtmdContextHandle _context;
    private readonly int _width;
    private readonly Lock _encoding = new();
    private readonly Dictionary<(int Width, int Height), IReadOnlyList<ImagePiece>> _layouts = [];

    private MtmdEmbedder(MtmdContextHandle context, int width)
    {
        _context = context;
        _width = width;
        NonCausal = MtmdNative.mtmd_decode_use_non_causal(context, 0) != 0;
    }

    public bool NonCausal { get; }

    public bool Serial => true;

    /// <summary>Empty: what stands around an image is part of its layout.</summary>
    public string Prefix => "";

    public string Suffix => "";

    public ImageFit Fit => ImageFit.Stretch;

    /// <param name="runtime">Holds the text model; may be disposed first.</param>
    /// <param name="gpu">Whether a GPU may be used.</param>
    /// <exception cref="RuntimeLoadException">libmtmd is missing, another build's, or refuses the projector.</exception>
    /// <exception cref="NotSupportedException">The projector places rows in a way that sequences here can't.</exception>
    public static MtmdEmbedder Load(string path, string projectorType, LlamaCppRuntime runtime, int threads, bool gpu)
    {
        MtmdLibrary.EnsureLoaded(projectorType);
        var parameters = MtmdNative.mtmd_context_params_default();
        parameters.UseGpu = gpu ? (byte)1 : (byte)0;
        parameters.PrintTimings = 0;
        parameters.Threads = threads > 0 ? threads : CpuCores.ForCompute();
        var (context, errors) = LlamaLog.Explain(() => MtmdContextHandle.Create(Path.GetFullPath(path), runtime.Model, parameters));
        if (context.IsInvalid || MtmdNative.mtmd_support_vision(context) == 0)
        {
            var why = context.IsInvalid ? errors : "It reads no images.";
            context.Dispose();
            throw new RuntimeLoadException($"libmtmd could not load the image projector {path} (type \"{projectorType}\") for this model. {why}");
        }

        var embedder = new MtmdEmbedder(context, runtime.Info.EmbeddingWidth);
        try
        {
            embedder.Layout(64, 64);
            return embedder;
        }
        catch
        {
            embedder.Dispose();
            throw;
        }
    }

    public int CountTokens(int width, int height) => Layout(width, height).Sum(p => p is ImageRows rows ? rows.Rows : 0);

    public IReadOnlyList<ImagePiece> Layout(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        lock (_layouts)
        {
            if (_layouts.TryGetValue((width, height), out var known))
            {
                return known;
            }
        }

        // Without pixels, libmtmd counts and computes nothing.
        using var chunks = Tokenize(width, height, []);
        var layout = MtmdLayout.Read(chunks);
        lock (_layouts)
        {
            if (_layouts.Count >= MaxLayouts)
            {
                _layouts.Clear();
            }

            _layouts[(width, height)] = layout;
        }

        return layout;
    }

    public float[] Embed(RgbImage image)
    {
        // libmtmd copies as many bytes as the size says.
        if (image.Pixels.Length != image.Width * (long)image.Height * 3)
        {
            throw new ArgumentException("The pixels do not match the image's size.", nameof(image));
        }

        using var chunks = Tokenize(image.Width, image.Height, image.Pixels.Span);
        var embeddings = new float[CountTokens(image.Width, image.Height) * _width];
        var done = 0;
        foreach (var chunk in MtmdLayout.Images(chunks))
        {
            var values = checked((int)MtmdNative.mtmd_input_chunk_get_n_tokens(chunk) * _width);
            Encode(chunk, embeddings.AsSpan(done, values));
            done += values;
        }

        return done == embeddings.Length
            ? embeddings
            : throw new InvalidOperationException("libmtmd counted another number of rows before than it computed.");
    }

    public void Dispose() => _context.Dispose();

    private void Encode(nint chunk, Span<float> rows)
    {
        lock (_encoding)
        {
            var (result, errors) = LlamaLog.Explain(() => MtmdNative.mtmd_encode_chunk(_context, chunk));
            if (result != 0)
            {
                throw new InvalidOperationException($"libmtmd could not encode an image. {errors}");
            }

            // Its buffer is the next image's too.
            new ReadOnlySpan<float>(MtmdNative.mtmd_get_output_embd(_context), rows.Length).CopyTo(rows);
        }
    }

    /// <param name="pixels">Empty where only the layout is wanted.</param>
    private MtmdChunksHandle Tokenize(int width, int height, ReadOnlySpan<byte> pixels)
    {
        var chunks = MtmdNative.mtmd_input_chunks_init();
        fixed (byte* p = pixels)
        {
            using var bitmap = MtmdNative.mtmd_bitmap_init((uint)width, (uint)height, p);
            var marker = MtmdNative.mtmd_default_marker();
            var text = new MtmdInputText
            {
                Text = (nint)marker,
                Length = (nuint)MemoryMarshal.CreateReadOnlySpanFromNullTerminated(marker).Length,
                ParseSpecial = 1,
            };
            var bitmaps = stackalloc nint[] { bitmap.DangerousGetHandle() };
            var (result, _) = LlamaLog.Explain(() => MtmdNative.mtmd_tokenize(_context, chunks, text, bitmaps, 1));
            if (result != 0)
            {
                chunks.Dispose();
                throw new RequestRejectedException($"The model's image projector can't read an image of {width} × {height} pixels.", "invalid_image", "messages");
            }
        }

        return chunks;
    }
}
