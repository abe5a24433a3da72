namespace MuseWorkbench.Agents.Tests.Kit;

/// <summary>Where the sources lie.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "MuseWorkbench.sln")))
            folder = folder.Parent!;
        return folder.FullName;
    }
}
