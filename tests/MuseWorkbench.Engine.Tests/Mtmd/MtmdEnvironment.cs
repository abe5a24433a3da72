using System.Runtime.CompilerServices;
using MuseWorkbench.Engine.Runtimes.Llama;

namespace MuseWorkbench.Engine.Tests.Mtmd;

/// <summary>
/// libmtmd is not bundled. Where the variable names a folder with all of llama.cpp's libraries of the pinned build, every test of this
/// project runs on those (a process has one llama.cpp), and those that need libmtmd are not skipped.
/// </summary>
internal static class MtmdEnvironment
{
    public const string Variable = "MUSE_MTMD_DIRECTORY";

    public static string? Directory { get; } = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? folder : null;

    /// <summary>The folder, or else skips the test.</summary>
    public static string Require()
    {
        Assert.SkipUnless(Directory is not null, $"Set {Variable} to a folder that holds llama.cpp {LlamaNatives.Build} with libmtmd.");
        return Directory!;
    }

    [ModuleInitializer]
    internal static void Load()
    {
        if (Directory is not null)
        {
            LlamaNatives.EnsureLoaded(Directory);
        }
    }
}
