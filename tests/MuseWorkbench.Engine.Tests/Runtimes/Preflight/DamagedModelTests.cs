using System.Diagnostics;
using System.Text.Json;
using MuseWorkbench.Bench.Flips;
using MuseWorkbench.Engine.Images;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Runtimes;
using MuseWorkbench.Engine.Runtimes.Gguf.Preflight;

namespace MuseWorkbench.Engine.Tests.Runtimes.Preflight;

/// <summary>muse-mini with bytes changed at random. The full count is loaded by <c>bench flips</c>.</summary>
public sealed class DamagedModelTests : IDisposable
{
    private const int Seed = 20261125;

    /// <summary>Seconds of one core; MUSE_FLIPS sets another number.</summary>
    private static readonly int s_loads = int.Parse(Environment.GetEnvironmentVariable("MUSE_FLIPS") ?? "400", System.Globalization.CultureInfo.InvariantCulture);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Check_TenThousandDamagedFiles_PassesOrRefuses()
    {
        var path = Path.Combine(_folder.Path, "damaged.gguf");
        using var flips = new FileFlips(RepositoryFiles.Model, path, FlipChild.HeaderLength(RepositoryFiles.Model), Seed);
        var refused = 0;
        for (var number = 0; number < 10_000; number++)
        {
            flips.Make(number);
            try
            {
                GgufPreflight.Check(path);
            }
            catch (Exception error) when (error is InvalidDataException or RuntimeLoadException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 2_000, 8_000);
    }

    [Fact]
    public void Embed_DamagedProjectors_EmbedsOrRefuses()
    {
        var path = Path.Combine(_folder.Path, "damaged.gguf");
        using var flips = new FileFlips(RepositoryFiles.Projector, path, FlipChild.HeaderLength(RepositoryFiles.Projector), Seed);
        var image = new RgbImage(48, 24, new byte[48 * 24 * 3], "grey");
        var refused = 0;
        for (var number = 0; number < 300; number++)
        {
            flips.Make(number);
            try
            {
                _ = PatchEmbedder.Load(path).Embed(image);
            }
            catch (Exception error) when (error is InvalidDataException or NotSupportedException or RequestRejectedException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 30, 270);
    }

    [Fact]
    public async Task Load_DamagedFiles_NoneEndsTheProcess()
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (var argument in (string[])[typeof(FlipRun).Assembly.Location, "flips", "--json", "--count", $"{s_loads}", "--seed", $"{Seed}"])
        {
            start.ArgumentList.Add(argument);
        }

        using var run = Process.Start(start)!;
        var report = JsonDocument.Parse(await run.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).RootElement;

        Assert.Equal("[]", report.GetProperty("crashes").GetRawText());
        int[] outcomes = [.. new[] { "refused", "errors", "ran", "unusable" }.Select(name => report.GetProperty(name).GetInt32())];
        Assert.Equal(s_loads, outcomes.Sum());
        Assert.True(outcomes[0] > 0 && outcomes[2] > 0);
    }
}
