namespace MuseWorkbench.Curation.Exchange;

/// <summary>A part of a stream that others read, too: it goes to its own place before each read.</summary>
/// <param name="whole">Seekable; stays its owner's.</param>
/// <param name="start">Where the part begins.</param>
/// <param name="length">Bytes of it.</param>
internal sealed class SectionStream(Stream whole, long start, long length) : ReadOnlyStream
{
    private long _read;

    public override int Read(Span<byte> buffer)
    {
        whole.Position = start + _read;
        return Took(whole.Read(buffer[..Left(buffer.Length)]));
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        whole.Position = start + _read;
        return Took(await whole.ReadAsync(buffer[..Left(buffer.Length)], cancellationToken));
    }

    private int Left(int wanted) => (int)Math.Min(wanted, length - _read);

    private int Took(int read)
    {
        _read += read;
        return read;
    }
}
