using System.Reflection;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tests;

public class ArchitectureTests
{
    [Fact]
    public void Core_References_NoProjectOfOurs() =>
        Assert.DoesNotContain(typeof(RunEvent).Assembly.GetReferencedAssemblies(), IsOurs);

    [Fact]
    public void Agents_References_OnlyCoreOfOurs() =>
        Assert.Equal(
            ["MuseWorkbench.Core"],
            typeof(IRunService).Assembly.GetReferencedAssemblies().Where(IsOurs).Select(name => name.Name));

    private static bool IsOurs(AssemblyName name) => name.Name!.StartsWith("MuseWorkbench", StringComparison.Ordinal);
}
