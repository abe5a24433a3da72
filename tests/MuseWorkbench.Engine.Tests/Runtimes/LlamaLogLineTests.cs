using Microsoft.Extensions.Logging;
using MuseWorkbench.Engine.Runtimes.Llama;

namespace MuseWorkbench.Engine.Tests.Runtimes;

public sealed class LlamaLogLineTests
{
    private readonly List<(LogLevel Level, string Text)> _lines = [];

    [Theory]
    [InlineData(1, LogLevel.Trace)]
    [InlineData(2, LogLevel.Debug)]
    [InlineData(3, LogLevel.Warning)]
    [InlineData(4, LogLevel.Error)]
    public void Append_WholeLine_IsWrittenAtItsLevel(int native, LogLevel level)
    {
        Create().Append(native, "loaded a tensor\n");

        Assert.Equal([(level, "loaded a tensor")], _lines);
    }

    [Fact]
    public void Append_Continuations_JoinIntoOneLine()
    {
        var line = Create();
        line.Append(3, "loading ");
        line.Append(5, ".");
        line.Append(5, ".");
        Assert.Empty(_lines);

        line.Append(5, "\n");

        Assert.Equal([(LogLevel.Warning, "loading ..")], _lines);
    }

    [Fact]
    public void Append_NewLineBeforeTheLastEnded_WritesBoth()
    {
        var line = Create();
        line.Append(4, "first");
        line.Append(2, "second\nthird\n");

        Assert.Equal([(LogLevel.Error, "first"), (LogLevel.Debug, "second"), (LogLevel.Debug, "third")], _lines);
    }

    [Fact]
    public void Append_BlankOrEndless_IsDroppedOrCut()
    {
        var line = Create();
        line.Append(2, " \n\n");
        Assert.Empty(_lines);

        line.Append(2, new string('.', 5000));

        Assert.Equal(5000, Assert.Single(_lines).Text.Length);
    }

    private LlamaLogLine Create() => new((level, text) => _lines.Add((level, text)));
}
