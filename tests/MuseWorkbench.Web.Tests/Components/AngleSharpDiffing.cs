using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace MuseWorkbench.Web.Tests.Components;

/// <summary>bUnit was built against a newer AngleSharp.Diffing than the feed has; the one beside the tests serves it.</summary>
internal static class AngleSharpDiffing
{
    [ModuleInitializer]
    internal static void Resolve() => AssemblyLoadContext.Default.Resolving += (context, name) =>
        name.Name == "AngleSharp.Diffing" ? context.LoadFromAssemblyPath(Path.Combine(AppContext.BaseDirectory, "AngleSharp.Diffing.dll")) : (Assembly?)null;
}
