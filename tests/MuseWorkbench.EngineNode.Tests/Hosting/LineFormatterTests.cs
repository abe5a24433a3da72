using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MuseWorkbench.EngineNode.Hosting;
using MuseWorkbench.EngineNode.Tests.Fakes;

namespace MuseWorkbench.EngineNode.Tests.Hosting;

public sealed class LineFormatterTests
{
    [Fact]
    public void Write_HostileText_StaysOneHarmlessLine()
    {
        using var written = new StringWriter();
        var entry = new LogEntry<string>(LogLevel.Warning, "Muse.Category", new EventId(7), "a\r\nforged\u001b[2J\u2028b", null, (state, _) => state);

        new LineFormatter(new ManualTime()).Write(entry, null, written);

        Assert.Equal("1970-01-01T00:00:00.000Z warn Muse.Category[7] a\\r\\nforged\\u001b[2J\\u2028b" + Environment.NewLine, written.ToString());
    }

    [Fact]
    public void Write_Exception_StaysOneLine()
    {
        using var written = new StringWriter();
        var entry = new LogEntry<string>(LogLevel.Error, "C", default, "text", new InvalidOperationException("x\ny"), (state, _) => state);

        new LineFormatter(new ManualTime()).Write(entry, null, written);

        Assert.Equal(1, written.ToString().Count(c => c == '\n'));
        Assert.Contains("InvalidOperationException: x\\ny", written.ToString(), StringComparison.Ordinal);
    }
}
