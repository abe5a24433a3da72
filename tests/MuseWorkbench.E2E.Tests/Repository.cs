using System.Reflection;

namespace MuseWorkbench.E2E.Tests;

/// <summary>Places in the repository and its build output.</summary>
internal static class Repository
{
    public static string Root { get; } = Metadata("RepoRoot");
    public static string WebAssembly { get; } = Metadata("WebAssemblyPath");

    public static string Sample(string file) => Path.Combine(Root, "wwwroot", "samples", file);

    private static string Metadata(string key) =>
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}
