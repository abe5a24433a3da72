using MuseWorkbench.Data.Storage;
using MuseWorkbench.Data.Tests.Kit;

namespace MuseWorkbench.Data.Tests.Storage;

public sealed class DurableFileTests
{
    [Fact]
    public void Write_Twice_LastContentAndNothingElse()
    {
        using var folder = new TempFolder();
        DurableFile.Write(folder.File("a"), "one"u8);
        DurableFile.Write(folder.File("a"), "two"u8);

        Assert.Equal("two", File.ReadAllText(folder.File("a")));
        Assert.Equal([folder.File("a")], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void FlushFolder_Missing_Throws()
    {
        using var folder = new TempFolder();
        Assert.Throws<IOException>(() => DurableFile.FlushFolder(folder.File("none")));
    }
}
