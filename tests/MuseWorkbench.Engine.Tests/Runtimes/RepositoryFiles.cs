namespace MuseWorkbench.Engine.Tests.Runtimes;

/// <summary>Files of the repository the tests run in.</summary>
internal static class RepositoryFiles
{
    public static string Root { get; } = FindRoot();

    public static string Model => Path.Combine(Root, "models", "muse-mini", "muse-mini.gguf");

    public static string Projector => Path.Combine(Root, "models", "muse-mini", "muse-mini-mmproj.gguf");

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "MuseWorkbench.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds MuseWorkbench.sln.");
    }
}

/// <summary>A folder of its own, gone with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("muse-test-").FullName;

    /// <summary>A new file of these bytes.</summary>
    public string Write(ReadOnlySpan<byte> bytes)
    {
        var path = System.IO.Path.Combine(Path, $"{Guid.NewGuid():N}.gguf");
        using var file = File.Create(path);
        file.Write(bytes);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
