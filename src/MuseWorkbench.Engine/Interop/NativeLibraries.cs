using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.InteropServices;

namespace MuseWorkbench.Engine.Interop;

/// <summary>
/// Answers this assembly's <c>[LibraryImport]</c> names with libraries loaded by path. An assembly may set only one
/// resolver, so every binding in it registers here instead.
/// </summary>
internal static class NativeLibraries
{
    private static readonly ConcurrentDictionary<string, Lazy<nint>> s_libraries = new(StringComparer.Ordinal);

    static NativeLibraries() => NativeLibrary.SetDllImportResolver(typeof(NativeLibraries).Assembly, Resolve);

    /// <summary>Loads a library by <paramref name="load"/> when its import name is first called. The first registration stands.</summary>
    public static void Provide(string importName, Func<nint> load) => s_libraries.TryAdd(importName, new(load));

    /// <summary>The folder <c>natives/<paramref name="name"/></c> beside the assembly.</summary>
    public static string Folder(string name)
    {
        var assembly = typeof(NativeLibraries).Assembly.Location;
        var root = assembly.Length > 0 ? Path.GetDirectoryName(assembly)! : AppContext.BaseDirectory;
        return Path.Combine(root, "natives", name);
    }

    /// <summary>The file in <paramref name="folder"/> that is library <paramref name="name"/>, whatever version its file name carries, or null: <c>libname.so</c>, <c>libname.b10361.so</c>, <c>libname.0.dylib</c>, <c>name.dll</c>.</summary>
    public static string? FindFile(string folder, string name) => !Directory.Exists(folder) ? null : Directory
        .EnumerateFiles(folder)
        .Where(path => IsLibrary(Path.GetFileName(path), name))
        .Order(StringComparer.Ordinal)
        .FirstOrDefault();

    private static bool IsLibrary(string file, string name)
    {
        var rest = file.StartsWith("lib", StringComparison.Ordinal) ? file.AsSpan(3) : file;
        return rest.StartsWith(name, StringComparison.Ordinal) && rest.Length > name.Length && rest[name.Length] == '.'
            && (rest.EndsWith(".dylib") || rest.EndsWith(".dll") || rest.EndsWith(".so") || rest.Contains(".so.", StringComparison.Ordinal));
    }

    private static nint Resolve(string importName, Assembly assembly, DllImportSearchPath? searchPath) =>
        s_libraries.TryGetValue(importName, out var library) ? library.Value : 0;
}
