using MuseWorkbench.Data.Runs;

namespace MuseWorkbench.Data.Tests;

public class ArchitectureTests
{
    [Fact]
    public void Data_References_OnlyCoreOfOurs() =>
        Assert.Equal(
            ["MuseWorkbench.Core"],
            typeof(IRunCatalog).Assembly.GetReferencedAssemblies().Select(name => name.Name!).Where(name => name.StartsWith("MuseWorkbench", StringComparison.Ordinal)));
}
