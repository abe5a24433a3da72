using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using MuseWorkbench.Core;
using MuseWorkbench.Data.Tests.Kit;

namespace MuseWorkbench.Data.Tests.Cases;

public class CaseStoreTests : IDisposable
{
    private readonly TempFolder _folder;

    public CaseStoreTests() : this(new TempFolder()) { }

    private protected CaseStoreTests(TempFolder folder) => _folder = folder;

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Save_Upserts_ByStableId()
    {
        await using var bench = await StoreBench.StartAsync(_folder);
        var (dataset, created) = await bench.Cases.CreateAsync(" Eggs ", Batch(Make("a"), Make("b")), Test);

        var saved = await bench.Cases.SaveAsync(dataset.Id, Batch(Make("a"), Make("b", "Changed?"), Make("c")), Test);

        Assert.Equal((new SaveSummary(2, 0, 0), "Eggs"), (created, dataset.Name));
        Assert.Equal(new SaveSummary(1, 1, 1), saved);
        var page = await bench.Cases.QueryAsync(dataset.Id, new(), Test);
        Assert.Equal([("a", "What is a?"), ("b", "Changed?"), ("c", "What is c?")], page.Cases.Select(c => (c.Id, c.Prompt)));
        Assert.Null(await bench.Cases.SaveAsync(Guid.NewGuid(), Batch(Make("a")), Test));
    }

    [Fact]
    public async Task Get_EveryField_ComesBackAsItWas()
    {
        await using var bench = await StoreBench.StartAsync(_folder);
        var full = Make("a") with
        {
            Images = [new(new string('a', 64), "image/png", 3, 4, "a.png")], Choices = ["x", "y"], Expected = "x", Regions = [new Region("l", 0, 0.1, 0.2, 0.3) { Polygon = [0, 0, 1, 1, 0, 1] }],
            Table = "a,b", Assertions = [System.Text.Json.JsonDocument.Parse("""{"type":"equals","value":5}""").RootElement], Notes = "n", Provenance = new() { RunId = Guid.NewGuid(), Agent = 2 },
        };
        var (dataset, _) = await bench.Cases.CreateAsync("D", Batch(full), Test);

        var read = await bench.Cases.GetAsync(dataset.Id, "a", null, Test);

        Assert.Equal(System.Text.Json.JsonSerializer.Serialize(full, MuseJson.Options), System.Text.Json.JsonSerializer.Serialize(read, MuseJson.Options));
    }

    [Fact]
    public async Task Publish_DraftGoesOn_VersionsStayAsTheyWere()
    {
        await using var bench = await StoreBench.StartAsync(_folder);
        var (dataset, _) = await bench.Cases.CreateAsync("D", Batch(Make("a"), Make("b"), Make("c")), Test);
        var id = dataset.Id;
        var first = await bench.Cases.PublishAsync(id, " one ", Test);
        Assert.Null(await bench.Cases.PublishAsync(id, "nothing new", Test));

        await bench.Cases.SaveAsync(id, Batch(Make("b", "Second?"), Make("d")), Test);
        await bench.Cases.SaveAsync(id, Batch(Make("b", "Third?")), Test);
        Assert.Equal(1, await bench.Cases.RemoveAsync(id, ["a", "nowhere"], Test));
        var second = await bench.Cases.PublishAsync(id, "two", Test);
        await bench.Cases.RemoveAsync(id, ["b", "d"], Test);

        Assert.Equal((1, "one", 3, 2, 3), (first!.Number, first.Note, first.Cases, second!.Number, second.Cases));
        Assert.Equal(["What is a?", "What is b?", "What is c?"], await Prompts(bench, id, 1));
        Assert.Equal(["Third?", "What is c?", "What is d?"], await Prompts(bench, id, 2));
        Assert.Equal(["What is c?"], await Prompts(bench, id, null));
        var known = await bench.Cases.FindAsync(id, Test);
        Assert.Equal((2, 1, true), (known!.Versions.Length, known.DraftCases, known.DraftChanged));
        Assert.Equal(known.Versions, Assert.Single(await bench.Cases.ListAsync(Test)).Versions);
    }

    [Fact]
    public async Task Diff_BetweenVersionsAndDraft_NamesCasesAndFields()
    {
        await using var bench = await StoreBench.StartAsync(_folder);
        var (dataset, _) = await bench.Cases.CreateAsync("D", Batch(Make("a"), Make("b"), Make("c")), Test);
        await bench.Cases.PublishAsync(dataset.Id, "", Test);
        await bench.Cases.SaveAsync(dataset.Id, Batch(Make("b") with { Expected = "5", Tags = ["t"] }, Make("d")), Test);
        await bench.Cases.RemoveAsync(dataset.Id, ["a"], Test);

        var diff = await bench.Cases.DiffAsync(dataset.Id, 1, null, Test);
        var back = await bench.Cases.DiffAsync(dataset.Id, null, 1, Test);

        Assert.Equal(["d"], diff.Added);
        Assert.Equal(["a"], diff.Removed);
        var change = Assert.Single(diff.Changed);
        Assert.Equal("b", change.CaseId);
        Assert.Equal(["expected", "tags"], change.Fields);
        Assert.Equal(["a"], back.Added);
        Assert.Equal(["d"], back.Removed);
        Assert.True((await bench.Cases.DiffAsync(dataset.Id, 1, 1, Test)).IsEmpty);
    }

    [Fact]
    public async Task DiscardDraft_Changed_BecomesTheLastVersionAgain()
    {
        await using var bench = await StoreBench.StartAsync(_folder);
        var (dataset, _) = await bench.Cases.CreateAsync("D", Batch(Make("a"), Make("b")), Test);
        await bench.Cases.PublishAsync(dataset.Id, "", Test);
        await bench.Cases.SaveAsync(dataset.Id, Batch(Make("a", "Changed?"), Make("c")), Test);
        await bench.Cases.RemoveAsync(dataset.Id, ["b"], Test);

        Assert.True(await bench.Cases.DiscardDraftAsync(dataset.Id, Test));

        Assert.Equal(["What is a?", "What is b?"], await Prompts(bench, dataset.Id, null));
        Assert.False((await bench.Cases.FindAsync(dataset.Id, Test))!.DraftChanged);
        Assert.False(await bench.Cases.DiscardDraftAsync(dataset.Id, Test));
    }

    [Fact]
    public async Task Query_Filters_ByTagSplitAndWords()
    {
        await using var bench = await StoreBench.StartAsync(_folder);
        var (dataset, _) = await bench.Cases.CreateAsync("D", Batch(
            Make("a") with { Tags = ["hard", "x"], Split = "test" }, Make("b") with { Tags = ["harder"], Notes = "A Remark", Split = "test" }, Make("c") with { Expected = "100%", Split = "train" }), Test);

        Assert.Equal(["a"], await Ids(new() { Tag = "hard" }));
        Assert.Equal(["a", "b"], await Ids(new() { Split = "test" }));
        Assert.Equal(["b"], await Ids(new() { Search = "REMARK is" }));
        Assert.Equal(["c"], await Ids(new() { Search = "100%" }));
        Assert.Equal(["b"], await Ids(new() { Skip = 1, Take = 1 }));
        Assert.Empty(await Ids(new() { Version = 1 }));
        var facets = await bench.Cases.GetFacetsAsync(dataset.Id, null, Test);
        Assert.Equal(["hard", "harder", "x"], facets.Tags);
        Assert.Equal(["test", "train"], facets.Splits);

        async Task<IEnumerable<string>> Ids(CaseQuery query) => (await bench.Cases.QueryAsync(dataset.Id, query, Test)).Cases.Select(c => c.Id);
    }

    [Fact]
    public async Task Save_SameIdTwiceInABatch_KeepsNothingOfIt()
    {
        await using var bench = await StoreBench.StartAsync(_folder);
        var (dataset, _) = await bench.Cases.CreateAsync("D", Batch(Make("a")), Test);

        await Assert.ThrowsAnyAsync<Exception>(() => bench.Cases.SaveAsync(dataset.Id, Batch(Make("b"), Make("c"), Make("c")), Test));
        await Assert.ThrowsAnyAsync<Exception>(() => bench.Cases.CreateAsync("E", Batch(Make("c"), Make("c")), Test));

        Assert.Equal(["What is a?"], await Prompts(bench, dataset.Id, null));
        Assert.Single(await bench.Cases.ListAsync(Test));
    }

    [Fact]
    public async Task Images_WithPrints_ComeBackBitForBit()
    {
        await using var bench = await StoreBench.StartAsync(_folder);
        var (near, far) = (new string('a', 64), new string('b', 64));
        var batch = Batch(Make("a") with { Images = [new(near, "image/png", 1, 1, ""), new(far, "image/png", 1, 1, "")] }) with { Prints = new Dictionary<string, ulong> { [near] = 0xF000_0000_0000_0001 } };
        var (dataset, _) = await bench.Cases.CreateAsync("D", batch, Test);
        await bench.Cases.CreateAsync("E", batch, Test);

        Assert.Equal([new CaseImage("a", near, 0xF000_0000_0000_0001), new CaseImage("a", far, null)], await bench.Cases.GetImagesAsync(dataset.Id, Test));
    }

    [Fact]
    public async Task Delete_Dataset_LeavesNoRow()
    {
        await using var bench = await StoreBench.StartAsync(_folder);
        var (dataset, _) = await bench.Cases.CreateAsync("D", Batch(Make("a")), Test);
        await bench.Cases.PublishAsync(dataset.Id, "", Test);
        Assert.True(await bench.Cases.RenameAsync(dataset.Id, "Other", Test));
        Assert.Equal("Other", (await bench.Cases.FindAsync(dataset.Id, Test))!.Name);

        Assert.True(await bench.Cases.DeleteAsync(dataset.Id, Test));

        Assert.False(await bench.Cases.DeleteAsync(dataset.Id, Test));
        Assert.Empty(await bench.Cases.ListAsync(Test));
        await using var context = bench.Database.CreateContext();
        Assert.Equal((0, 0), (await context.Cases.CountAsync(Test), await context.Versions.CountAsync(Test)));
    }

    [Fact]
    public async Task TenThousandCases_AreSavedAndPaged_WithinTheBudget()
    {
        await using var bench = await StoreBench.StartAsync(_folder);
        Case[] cases = [.. Enumerable.Range(0, 10_000).Select(i => Make($"case-{i:D5}") with { Tags = [$"group:{i % 20}"], Expected = $"{i}", Images = [new($"{i:x64}", "image/png", 100, 100, $"{i}.png")] })];
        var watch = Stopwatch.StartNew();
        var (dataset, summary) = await bench.Cases.CreateAsync("Many", Batch(cases), Test);
        var saving = watch.Elapsed;
        await bench.Cases.QueryAsync(dataset.Id, new(), Test); // the first of a process compiles its query

        watch.Restart();
        var page = await bench.Cases.QueryAsync(dataset.Id, new() { Skip = 9_900, Search = "what is", Tag = null }, Test);
        var paging = watch.Elapsed;

        TestContext.Current.TestOutputHelper?.WriteLine($"10,000 cases: saved in {saving.TotalMilliseconds:F0} ms, last page in {paging.TotalMilliseconds:F0} ms.");
        Assert.Equal((10_000, 10_000, 50), (summary.Added, page.Total, page.Cases.Length));
        Assert.Equal(500, (await bench.Cases.QueryAsync(dataset.Id, new() { Tag = "group:7" }, Test)).Total);
        var read = 0;
        await foreach (var @case in bench.Cases.ReadAsync(dataset.Id, null, Test))
            Assert.Equal(cases[read++].Id, @case.Id);
        Assert.Equal(10_000, read);
        Assert.InRange(saving, TimeSpan.Zero, TimeSpan.FromSeconds(60));
        Assert.InRange(paging, TimeSpan.Zero, TimeSpan.FromSeconds(3));
    }

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private static Case Make(string id, string? prompt = null) => new() { Id = id, Prompt = prompt ?? $"What is {id}?" };

    private static CaseBatch Batch(params Case[] cases) => new(cases);

    private static async Task<List<string>> Prompts(StoreBench bench, Guid dataset, int? version)
    {
        var prompts = new List<string>();
        await foreach (var @case in bench.Cases.ReadAsync(dataset, version, Test))
            prompts.Add(@case.Prompt);
        return prompts;
    }
}

/// <summary>The same over PostgreSQL.</summary>
public sealed class PostgresCaseStoreTests() : CaseStoreTests(new PostgresFolder());
