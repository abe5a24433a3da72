namespace MuseWorkbench.Web.Tests.Kit;

/// <summary>A folder that goes with the test.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("muse-web-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
