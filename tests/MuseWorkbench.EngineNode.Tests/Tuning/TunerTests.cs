using System.Text.Json.Nodes;
using MuseWorkbench.Engine;
using MuseWorkbench.Engine.Runtimes;
using MuseWorkbench.EngineNode.Tuning;

namespace MuseWorkbench.EngineNode.Tests.Tuning;

public sealed class TunerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("muse-tune-").FullName;

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    private string Settings => Path.Combine(_folder, "settings.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Tune_SomeAreFaster_KeepsTheBestOfEach()
    {
        var tried = new List<string>();
        var tuner = new Tuner(
            (o, _) => Task.FromResult(100.0 * (o.Threads ?? 2) * (o.FlashAttention == FlashAttention.Off ? 1.5 : 1) * (o.BatchSize == 256 ? 0.9 : 1)), tried.Add);

        var kept = await tuner.TuneAsync(new EngineOptions { Model = "m" }, cores: 8, Test);

        Assert.Equal([("FlashAttention", "Off"), ("Threads", "8")], kept.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => (s.Key, s.Value)));
        Assert.Equal(["as set", "Threads 1", "Threads 4", "Threads 7", "Threads 8", "FlashAttention On", "FlashAttention Off", "BatchSize 256", "BatchSize 1024"], tried.Select(line => line[..24].Trim()));
    }

    [Fact]
    public async Task Tune_DifferencesAreNoise_KeepsNothing()
    {
        var tuner = new Tuner((o, _) => Task.FromResult(100.0 + (o.Threads ?? 0)), _ => { });

        Assert.Empty(await tuner.TuneAsync(new EngineOptions { Model = "m" }, cores: 2, Test));
    }

    [Fact]
    public async Task Tune_ASettingThatCantBeLoaded_IsSaidAndPassedOver()
    {
        var tried = new List<string>();
        var tuner = new Tuner((o, _) => o.BatchSize == 1024 ? throw new EngineLoadException("Too large.") : Task.FromResult(100.0), tried.Add);

        Assert.Empty(await tuner.TuneAsync(new EngineOptions { Model = "m" }, cores: 1, Test));
        Assert.Contains(tried, line => line.StartsWith("BatchSize 1024", StringComparison.Ordinal) && line.EndsWith("not possible: Too large.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Tune_AsSetCantBeLoaded_Fails() =>
        await Assert.ThrowsAsync<EngineLoadException>(() => new Tuner((_, _) => throw new EngineLoadException("No."), _ => { }).TuneAsync(new EngineOptions { Model = "m" }, 2, Test));

    [Fact]
    public void Write_FileIsThere_KeepsWhatIsNotTuned()
    {
        File.WriteAllText(Settings, """{"Node":{"Start":false},"Engine":{"ContextSize":4096,"Threads":3}}""");

        Tuner.Write(Settings, new Dictionary<string, string> { ["FlashAttention"] = "Off", ["BatchSize"] = "1024" });

        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""{"Node":{"Start":false},"Engine":{"ContextSize":4096,"FlashAttention":"Off","BatchSize":1024}}"""), JsonNode.Parse(File.ReadAllText(Settings))));
    }

    [Fact]
    public void Write_FileHoldsSomethingElse_IsLeftAlone()
    {
        File.WriteAllText(Settings, "not json");

        Assert.Throws<IOException>(() => Tuner.Write(Settings, new Dictionary<string, string>()));
        Assert.Equal("not json", File.ReadAllText(Settings));
    }
}
