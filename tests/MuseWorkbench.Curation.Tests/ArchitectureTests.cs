using MuseWorkbench.Curation.Statistics;

namespace MuseWorkbench.Curation.Tests;

public class ArchitectureTests
{
    [Fact]
    public void Curation_References_OnlyCoreOfOurs() =>
        Assert.Equal(
            ["MuseWorkbench.Core"],
            typeof(TeamComparison).Assembly.GetReferencedAssemblies().Select(name => name.Name!).Where(name => name.StartsWith("MuseWorkbench", StringComparison.Ordinal)));
}
