namespace MuseWorkbench.Data.Tests.Kit;

/// <summary>A folder that goes with the test.</summary>
internal class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("muse-data-").FullName;

    /// <summary>Connection string of the database that belongs to it; null for a file in it.</summary>
    public virtual string? Connection => null;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public virtual void Dispose() => Directory.Delete(Path, recursive: true);
}
