using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Cases;
using MuseWorkbench.Curation.Exchange;
using MuseWorkbench.Web.Tests.Kit;

namespace MuseWorkbench.Web.Tests.Cases;

/// <summary>Import as the host composes it: the real store and the real image folder.</summary>
public sealed class CaseImportTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Import_HeldOutScenes_KeepsRowsAndImages_AndExportsThemWhole()
    {
        await using var workbench = await TestWorkbench.StartAsync();
        var (importer, store, images) = (Get<CaseImporter>(workbench), Get<ICaseStore>(workbench), Get<ICaseImages>(workbench));
        using var files = new FolderImportFiles(HeldOut());

        var report = await importer.ImportAsync(files, ImportTarget.New("Held out"), cancellationToken: Cancel);

        Assert.Equal((320, new SaveSummary(320, 0, 0)), (report.Taken, report.Saved));
        var dataset = report.DatasetId!.Value;
        var page = await store.QueryAsync(dataset, new() { Tag = "ability:chart" }, Cancel);
        Assert.Equal(80, page.Total);
        Assert.NotNull(await images.ReadAsync(page.Cases[0].Images[0].Sha256, Cancel));
        Assert.Equal(320, (await store.GetImagesAsync(dataset, Cancel)).Select(image => image.Sha256).Distinct().Count());

        using var exported = new MemoryStream();
        var written = await CaseExporter.ExportAsync(store.ReadAsync(dataset, null, Cancel), images, CaseFormats.Find("hf-imagefolder")!, exported, cancellationToken: Cancel);
        Assert.Equal((320, 0), (written.Written, written.SkippedCount));
        using var again = new ZipImportFiles("export.zip", exported);
        var second = await importer.ImportAsync(again, ImportTarget.Into(dataset), cancellationToken: Cancel);
        Assert.Equal(new SaveSummary(0, 0, 320), second.Saved);
    }

    [Theory]
    [InlineData(TwinChoice.KeepBoth, new[] { "a.webp", "b.webp" }, "First")]
    [InlineData(TwinChoice.KeepOld, new[] { "a.webp" }, "First")]
    [InlineData(TwinChoice.Replace, new[] { "a.webp" }, "Second")]
    public async Task Import_PictureThatIsThere_DoesAsDecidedBeforeAnythingIsSaved(TwinChoice choice, string[] ids, string prompt)
    {
        await using var workbench = await TestWorkbench.StartAsync();
        var (importer, store) = (Get<CaseImporter>(workbench), Get<ICaseStore>(workbench));
        using var folder = new TempFolder();
        using var first = Folder(folder, "one", "a.webp", "First");
        var dataset = (await importer.ImportAsync(first, ImportTarget.New("Twins"), cancellationToken: Cancel)).DatasetId!.Value;
        using var second = Folder(folder, "two", "b.webp", "Second");
        var draftWhenAsked = 0;

        var report = await importer.ImportAsync(
            second, ImportTarget.Into(dataset), decide: async (asked, cancellationToken) =>
            {
                draftWhenAsked = (await store.FindAsync(dataset, cancellationToken))!.DraftCases;
                return asked.Twins.ToDictionary(twin => twin.CaseId, _ => choice);
            },
            cancellationToken: Cancel);

        Assert.Equal((1, choice == TwinChoice.KeepOld ? 1 : 0), (draftWhenAsked, report.LeftOut));
        var cases = (await store.QueryAsync(dataset, new(), Cancel)).Cases;
        Assert.Equal(ids, cases.Select(@case => @case.Id));
        Assert.Equal(prompt, cases[0].Prompt);
    }

    [Fact]
    public async Task Import_CancelledWhileDeciding_SavesNothing()
    {
        await using var workbench = await TestWorkbench.StartAsync();
        var (importer, store) = (Get<CaseImporter>(workbench), Get<ICaseStore>(workbench));
        using var folder = new TempFolder();
        using var first = Folder(folder, "one", "a.webp", "First");
        var dataset = (await importer.ImportAsync(first, ImportTarget.New("Twins"), cancellationToken: Cancel)).DatasetId!.Value;
        using var second = Folder(folder, "two", "b.webp", "Second");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => importer.ImportAsync(
            second, ImportTarget.Into(dataset), decide: (_, _) => throw new OperationCanceledException(), cancellationToken: Cancel));

        Assert.Equal(1, (await store.FindAsync(dataset, Cancel))!.DraftCases);
    }

    private static FolderImportFiles Folder(TempFolder under, string name, string image, string question)
    {
        var folder = Directory.CreateDirectory(Path.Combine(under.Path, name)).FullName;
        File.Copy(Path.Combine(HeldOut(), "001.webp"), Path.Combine(folder, image));
        File.WriteAllText(Path.Combine(folder, "metadata.jsonl"), JsonSerializer.Serialize(new { file_name = image, question }));
        return new FolderImportFiles(folder);
    }

    private static string HeldOut()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "MuseWorkbench.sln")))
            folder = folder.Parent!;
        return Path.Combine(folder.FullName, "models", "held-out");
    }

    private static T Get<T>(TestWorkbench workbench)
        where T : notnull => workbench.App.Services.GetRequiredService<T>();
}
