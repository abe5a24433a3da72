using System.IO.Hashing;
using ZstdSharp;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>A file in an archive as it is read: no longer than the directory says, and at its end neither shorter nor with another checksum.</summary>
internal sealed class CheckedStream(Stream inner, long length, uint crc32, string name) : ReadOnlyStream
{
    private readonly Crc32 _crc = new();
    private long _left = length;
    private bool _ended;

    public override int Read(Span<byte> buffer)
    {
        try
        {
            var read = inner.Read(buffer);
            Account(buffer[..read], buffer.IsEmpty);
            return read;
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or ZstdException)
        {
            throw Damaged();
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            Account(buffer.Span[..read], buffer.IsEmpty);
            return read;
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or ZstdException)
        {
            throw Damaged();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    private void Account(ReadOnlySpan<byte> read, bool askedForNothing)
    {
        if (askedForNothing || _ended)
            return;
        _left -= read.Length;
        _crc.Append(read);
        _ended = read.IsEmpty;
        if (_left < 0 || (_ended && (_left > 0 || _crc.GetCurrentHashAsUInt32() != crc32)))
            throw Damaged();
    }

    private ImportRefusedException Damaged() => new($"The archive is damaged: '{FileNames.Show(name)}' is not what its directory says.");
}
