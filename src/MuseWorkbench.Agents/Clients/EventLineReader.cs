using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace MuseWorkbench.Agents.Clients;

/// <summary>A line is longer than allowed.</summary>
internal sealed class LineTooLongException(int limit) : Exception($"A line is longer than {limit} bytes.");

/// <summary>
/// Reads the data lines of a server-sent event stream. Servers of this API put each event's data on one line, so a line
/// is an event. Comments (kept-alive connections) and other fields are skipped. Never holds more than one line's limit.
/// </summary>
internal sealed class EventLineReader(Stream stream, int maxLineBytes) : IDisposable
{
    private readonly PipeReader _pipe = PipeReader.Create(stream);

    /// <summary>The next event's data, an empty text for a line that carries none, or null at the end.</summary>
    /// <exception cref="LineTooLongException">A line exceeds the limit.</exception>
    public async Task<string?> NextDataAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await _pipe.ReadAsync(cancellationToken);
            var line = TakeLine(read, out var consumed);
            _pipe.AdvanceTo(consumed, line is null ? read.Buffer.End : consumed);
            if (line is not null)
                return DataOf(line);
            if (read.IsCompleted)
                return null;
        }
    }

    public void Dispose() => _pipe.Complete();

    private string? TakeLine(ReadResult read, out SequencePosition consumed)
    {
        var buffer = read.Buffer;
        consumed = buffer.Start;
        if (buffer.PositionOf((byte)'\n') is { } end)
        {
            consumed = buffer.GetPosition(1, end);
            return Decode(buffer.Slice(0, end));
        }
        if (buffer.Length > maxLineBytes)
            throw new LineTooLongException(maxLineBytes);
        if (!read.IsCompleted || buffer.IsEmpty)
            return null;
        consumed = buffer.End;
        return Decode(buffer);
    }

    private string Decode(ReadOnlySequence<byte> line) =>
        line.Length > maxLineBytes ? throw new LineTooLongException(maxLineBytes) : Encoding.UTF8.GetString(line).TrimEnd('\r');

    private static string DataOf(string line) =>
        line.StartsWith("data:", StringComparison.Ordinal) ? line["data:".Length..].Trim() : "";
}
