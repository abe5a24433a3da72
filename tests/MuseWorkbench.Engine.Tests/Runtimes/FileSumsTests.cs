using MuseWorkbench.Engine.Runtimes;

namespace MuseWorkbench.Engine.Tests.Runtimes;

public sealed class FileSumsTests : IDisposable
{
    private const string SumOfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData($"{SumOfAbc}  model.gguf\n")]
    [InlineData($"{SumOfAbc} *model.gguf\n")]
    [InlineData("# made by hand\n\nBA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD  model.gguf")]
    [InlineData($"{SumOfAbc}  another.gguf\n")]
    [InlineData("")]
    public void Check_ListAgreesOrSaysNothing_Passes(string list) => FileSums.Check(Model(list), TestContext.Current.CancellationToken);

    [Fact]
    public void Check_NoList_Passes() => FileSums.Check(Model(null), TestContext.Current.CancellationToken);

    [Fact]
    public void Check_OtherSum_NamesExpectedAndFound()
    {
        var expected = new string('0', 64);
        var path = Model($"{expected}  model.gguf\n");

        var error = Assert.Throws<InvalidDataException>(() => FileSums.Check(path, TestContext.Current.CancellationToken));

        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains($"expected SHA-256 {expected}, found {SumOfAbc}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not a sum\n")]
    [InlineData("zz7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  model.gguf\n")]
    [InlineData($"{SumOfAbc}\tmodel.gguf\n")]
    public void Check_NotAList_SaysSo(string list)
    {
        var error = Assert.Throws<InvalidDataException>(() => FileSums.Check(Model(list), TestContext.Current.CancellationToken));

        Assert.Contains("not a list of SHA-256 sums", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_BundledModel_AgreesWithListAndCard()
    {
        var folder = Path.GetDirectoryName(RepositoryFiles.Model)!;
        var card = File.ReadAllText(Path.Combine(folder, "card.md"));
        var lines = File.ReadAllLines(Path.Combine(folder, FileSums.ListName));

        Assert.Equal(2, lines.Length);
        Assert.All(lines, line => Assert.Contains(line[..64], card, StringComparison.Ordinal));
        FileSums.Check(RepositoryFiles.Model, TestContext.Current.CancellationToken);
        FileSums.Check(RepositoryFiles.Projector, TestContext.Current.CancellationToken);
    }

    private string Model(string? list)
    {
        if (list is not null)
        {
            File.WriteAllText(Path.Combine(_folder.Path, FileSums.ListName), list);
        }

        var path = Path.Combine(_folder.Path, "model.gguf");
        File.WriteAllText(path, "abc");
        return path;
    }
}
