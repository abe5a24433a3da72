namespace MuseWorkbench.Engine.Images.Mtmd;

/// <summary>Reads what libmtmd made of an image.</summary>
internal static unsafe class MtmdLayout
{
    public static IReadOnlyList<ImagePiece> Read(MtmdChunksHandle chunks)
    {
        var pieces = new List<ImagePiece>();
        foreach (var chunk in Chunks(chunks))
        {
            pieces.Add(MtmdNative.mtmd_input_chunk_get_type(chunk) switch
            {
                MtmdChunkType.Text => ReadTokens(chunk),
                MtmdChunkType.Image => ReadRows(chunk),
                var other => throw new NotSupportedException($"libmtmd made an image into a chunk of kind {other}."),
            });
        }

        return pieces;
    }

    public static IEnumerable<nint> Images(MtmdChunksHandle chunks) =>
        Chunks(chunks).Where(chunk => MtmdNative.mtmd_input_chunk_get_type(chunk) == MtmdChunkType.Image);

    private static List<nint> Chunks(MtmdChunksHandle chunks)
    {
        var list = new List<nint>();
        for (nuint i = 0; i < MtmdNative.mtmd_input_chunks_size(chunks); i++)
        {
            list.Add(MtmdNative.mtmd_input_chunks_get(chunks, i));
        }

        return list;
    }

    private static ImageTokens ReadTokens(nint chunk)
    {
        var tokens = MtmdNative.mtmd_input_chunk_get_tokens_text(chunk, out var count);
        return new(new ReadOnlySpan<int>(tokens, checked((int)count)).ToArray());
    }

    private static ImageRows ReadRows(nint chunk)
    {
        var rows = checked((int)MtmdNative.mtmd_input_chunk_get_n_tokens(chunk));
        var positions = MtmdNative.mtmd_input_chunk_get_n_pos(chunk);
        var image = MtmdNative.mtmd_input_chunk_get_tokens_image(chunk);
        var axes = new AxisPosition[rows];
        var isLine = true;
        for (var row = 0; row < rows; row++)
        {
            axes[row] = PlaceOf(image, 0, row);
            isLine &= (axes[row].T, axes[row].Y, axes[row].X) == (row, row, row);
            // Some projectors place rows from the beginning of the prompt, or by the number of images before.
            if (!isLine && PlaceOf(image, 1, row) != axes[row].From(1))
            {
                throw new NotSupportedException("The image projector places rows in a way (XD-RoPE) that the engine doesn't know.");
            }
        }

        return isLine ? new(rows, positions) : new(rows, positions, axes);
    }

    private static AxisPosition PlaceOf(nint image, int start, int row)
    {
        var place = MtmdNative.mtmd_image_tokens_get_decoder_pos(image, start, (nuint)row);
        return new((int)place.T, (int)place.Y, (int)place.X, (int)place.Z);
    }
}
