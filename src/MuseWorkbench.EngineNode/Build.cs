using System.Reflection;

namespace MuseWorkbench.EngineNode;

/// <summary>Which build answers.</summary>
internal static class Build
{
    public static string Version { get; } =
        typeof(Build).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>OpenAI's <c>system_fingerprint</c>.</summary>
    public static string Fingerprint { get; } = $"muse-{Version}";
}
