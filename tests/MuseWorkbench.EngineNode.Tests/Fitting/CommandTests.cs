using System.Text.Json;
using MuseWorkbench.EngineNode.Fitting;
using MuseWorkbench.EngineNode.Hosting;

namespace MuseWorkbench.EngineNode.Tests.Fitting;

public sealed class CommandTests : IDisposable
{
    private readonly StringWriter _output = new(), _errors = new();

    public void Dispose()
    {
        _output.Dispose();
        _errors.Dispose();
    }

    [Fact]
    public async Task Devices_ThisMachine_AreToldToReadersAndToPrograms()
    {
        Assert.Equal(ExitCodes.Ok, await DevicesCommand.RunAsync([], _output, _errors));
        Assert.Equal(ExitCodes.Ok, await DevicesCommand.RunAsync(["--json"], _output, _errors));

        var lines = _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("Processor ", lines[0], StringComparison.Ordinal);
        using var json = JsonDocument.Parse(lines[^1]);
        Assert.True(json.RootElement.GetProperty("devices").GetArrayLength() >= 1);
        Assert.Empty(_errors.ToString());
    }

    [Fact]
    public async Task Fit_NoSuchModel_SaysSoAndFails()
    {
        Assert.Equal(ExitCodes.CannotStart, await FitCommand.RunAsync(["--Engine:Model=/no/such.gguf"], _output, _errors));

        Assert.Equal("There is no model at /no/such.gguf.", _errors.ToString().Trim());
        Assert.Empty(_output.ToString());
    }

    [Theory]
    [InlineData("--Engine:KvType=q5")]
    [InlineData("--Engine:ContextSize=1")]
    public async Task Fit_FaultyOption_SaysWhich(string option)
    {
        Assert.Equal(ExitCodes.CannotStart, await FitCommand.RunAsync(["--Engine:Model=/no/such.gguf", option], _output, _errors));

        Assert.Contains(option.Split(':', '=')[1], _errors.ToString(), StringComparison.Ordinal);
    }
}
