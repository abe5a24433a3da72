using System.Text;
using MuseWorkbench.Agents.Clients;

namespace MuseWorkbench.Agents.Tests.Clients;

public class EventLineReaderTests
{
    [Fact]
    public async Task Next_Lines_DataOnlyOthersEmpty()
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes("event: x\r\ndata: a\r\n\r\n: hi\ndata:b\ndata: last"));
        using var reader = new EventLineReader(stream, 100);
        List<string> lines = [];
        while (await reader.NextDataAsync(TestContext.Current.CancellationToken) is { } line)
            lines.Add(line);

        Assert.Equal(["", "a", "", "", "b", "last"], lines);
    }

    [Fact]
    public async Task Next_EndlessLine_GivenUpSoonAfterTheLimit()
    {
        const int Limit = 1024 * 1024;
        using var stream = new EndlessStream();
        using var reader = new EventLineReader(stream, Limit);

        await Assert.ThrowsAsync<LineTooLongException>(() => reader.NextDataAsync(TestContext.Current.CancellationToken));

        Assert.InRange(stream.BytesRead, Limit, Limit + 64 * 1024);
    }

    [Fact]
    public async Task Next_LongLineThatEnds_GivenUpToo()
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes("data: " + new string('x', 200) + "\n"));
        using var reader = new EventLineReader(stream, 100);

        await Assert.ThrowsAsync<LineTooLongException>(() => reader.NextDataAsync(TestContext.Current.CancellationToken));
    }

    private sealed class EndlessStream : Stream
    {
        public long BytesRead { get; private set; }
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            buffer.AsSpan(offset, count).Fill((byte)'x');
            BytesRead += count;
            return count;
        }

        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
