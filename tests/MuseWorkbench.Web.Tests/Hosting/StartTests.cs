using Microsoft.Extensions.Configuration;
using MuseWorkbench.Web.Hosting;
using MuseWorkbench.Web.Tests.Kit;

namespace MuseWorkbench.Web.Tests.Hosting;

/// <summary>A workbench that can't start says why in one sentence.</summary>
public sealed class StartTests
{
    [Theory]
    [InlineData("--Node:WaitSeconds=soon", "Node:WaitSeconds")]
    [InlineData("--Node:WaitSeconds=-1", "Node:WaitSeconds")]
    [InlineData("--Node:Start=perhaps", "Node:Start")]
    [InlineData("--urls=nonsense", "'nonsense' is not an address")]
    [InlineData("--urls=http://127.0.0.1:99999", "99999")]
    [InlineData("--Kestrel:Endpoints:Own:Url=nowhere", "'nowhere' is not an address")]
    // A documentation address: no machine has it.
    [InlineData("--urls=http://192.0.2.1:5081|--Access:Key=a-key-of-my-own-1", "can't listen on the address")]
    public async Task Start_WrongSetting_NamesIt(string arguments, string named)
    {
        var failed = await Assert.ThrowsAnyAsync<Exception>(() => TestWorkbench.StartAsync(arguments.Split('|')));

        AssertSentence(StartMessage.Explain(failed), named);
    }

    [Fact]
    public async Task Start_DataDirectoryIsAFile_SaysSo()
    {
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "file");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);

        var failed = await Assert.ThrowsAnyAsync<Exception>(() => TestWorkbench.StartAsync([$"--Data:Directory={file}"]));

        AssertSentence(StartMessage.Explain(failed), $"The data directory {file} can't be written to");
    }

    [Fact]
    public void Explain_SettingsFileBroken_NamesItAndThePlace()
    {
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "appsettings.json");
        File.WriteAllText(file, "{ \"Node\": {");

        var failed = Assert.ThrowsAny<Exception>(() => new ConfigurationBuilder().AddJsonFile(file).Build());

        AssertSentence(StartMessage.Explain(failed), file);
        AssertSentence(StartMessage.Explain(failed), "LineNumber");
    }

    private static void AssertSentence(string? told, string named)
    {
        Assert.NotNull(told);
        Assert.Contains(named, told, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', told);
    }
}
