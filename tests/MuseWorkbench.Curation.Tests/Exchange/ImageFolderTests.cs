using MuseWorkbench.Core;
using MuseWorkbench.Curation.Exchange;
using MuseWorkbench.Curation.Tests.Kit;

namespace MuseWorkbench.Curation.Tests.Exchange;

public class ImageFolderTests
{
    private static readonly byte[] s_png = Pngs.Grey(200, 100, 9);

    [Fact]
    public async Task Import_HeldOutScenes_AreTakenWhole()
    {
        var bench = new Bench();
        using var files = new FolderImportFiles(Path.Combine(Bench.Repository, "models", "held-out"));

        var report = await bench.ImportAsync(files);

        Assert.Equal(("hf-imagefolder", 320, 0, 0), (report.Format, report.Taken, report.SkippedCount, report.FaultCount));
        Assert.Equal(320, bench.Inspected);
        var first = bench.Cases[0];
        Assert.Equal(("001.webp", "How high is point C?", "9"), (first.Id, first.Prompt, first.Expected));
        Assert.Equal(["ability:chart", "style:line"], first.Tags);
        Assert.Equal(["A", "B", "C"], first.Regions.Select(region => region.Label));
        Assert.Equal(new Region("A", 0.245833, 0.289931, 0.293981, 0.326042), first.Regions[0]);
        Assert.Equal(["'objects.values' is not kept."], report.Notes);
    }

    [Fact]
    public async Task Import_SplitFolders_GiveSplitsAndSeparateNames()
    {
        var bench = new Bench();
        var zip = new RawZip()
            .Add("data/train/metadata.jsonl", """{"file_name":"a.png","text":"A grey wall."}""").Add("data/train/a.png", s_png)
            .Add("data/test/metadata.jsonl", """{"file_name":"./a.png","question":"Where?"}""").Add("data/test/a.png", s_png);

        await bench.ImportZipAsync(zip.ToBytes());

        Assert.Equal([("data/test/a.png", "test", "Where?", null), ("data/train/a.png", "train", "", "A grey wall.")], bench.Cases.Select(c => (c.Id, c.Split!, c.Prompt, c.Expected)));
    }

    [Fact]
    public async Task Import_SeveralQuestionsOfOnePicture_AreTakenUnderIdsOfTheirOwn()
    {
        var bench = new Bench();
        var zip = new RawZip().Add("metadata.jsonl", "{\"file_name\":\"a.png\",\"question\":\"One?\"}\n\n{\"file_name\":\"a.png\",\"question\":\"Two?\"}\r\n").Add("a.png", s_png);

        await bench.ImportZipAsync(zip.ToBytes());

        Assert.Equal(["a.png", "a.png#2"], bench.Cases.Select(c => c.Id));
        Assert.Equal(1, bench.Inspected);
    }

    [Fact]
    public async Task Import_SomeRecordsUnusable_TakesTheOthersAndSaysWhy()
    {
        var bad = Pngs.Grey(5, 5, 200);
        var bench = new Bench { Damaged = bad };
        var zip = new RawZip().Add("metadata.jsonl", """
            {"file_name":"a.png","question":"Fine?"}
            {"file_name":"gone.png","question":"Missing?"}
            {"file_name":"bad.png","question":"Damaged?"}
            {"file_name":"text.png","question":"No picture?"}
            {"file_name":"a.png","question":"Outside?","objects":{"bbox":[[190,0,50,5]],"categories":["x"]}}
            {"file_name":"a.png","id":"a.png","question":"Same id?"}
            """).Add("a.png", s_png).Add("bad.png", bad).Add("text.png", "hello");

        var report = await bench.ImportZipAsync(zip.ToBytes());

        Assert.Equal((1, 5), (report.Taken, report.SkippedCount));
        Assert.Equal(
            ["The image 'gone.png' is not there.", "The image 'bad.png' is refused. The image is damaged.", "The image 'text.png' is refused. The file is not a readable PNG, JPEG or WebP image.",
                "A box or outline lies outside its image.", "The id 'a.png' stands twice; the first is taken."],
            report.Skipped.Select(skip => skip.Reason));
        Assert.Equal("metadata.jsonl, line 2", report.Skipped[0].Place);
        Assert.Equal(Pngs.Ref(s_png).Sha256, Assert.Single(bench.Images).Key);
    }

    [Fact]
    public async Task Import_OneLineTorn_KeepsNothing()
    {
        var bench = new Bench();
        var zip = new RawZip().Add("metadata.jsonl", "{\"file_name\":\"a.png\",\"question\":\"Fine?\"}\n{\"file_name\":").Add("a.png", s_png);

        var report = await bench.ImportZipAsync(zip.ToBytes());

        Assert.False(report.IsKept);
        Assert.Equal("metadata.jsonl, line 2", Assert.Single(report.Faults).Place);
        Assert.Empty(bench.Cases);
        Assert.Empty(bench.Images);
    }
}
