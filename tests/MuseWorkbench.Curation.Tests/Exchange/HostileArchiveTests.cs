using System.Text;
using MuseWorkbench.Curation.Exchange;
using MuseWorkbench.Curation.Tests.Kit;

namespace MuseWorkbench.Curation.Tests.Exchange;

/// <summary>Archives made to harm: each is refused in words, and nothing of it is kept anywhere.</summary>
public class HostileArchiveTests
{
    private const string Line = """{"file_name":"a.png","question":"What is it?"}""";
    private const uint Link = 0xA1FF_0000, Device = 0x21FF_0000, Fifo = 0x11FF_0000;

    private static readonly byte[] s_png = Pngs.Grey(4, 4, 7);

    public static TheoryData<string, string> Archives() => new()
    {
        { "parent folder", "leads out of its folder" },
        { "parent folder inside", "leads out of its folder" },
        { "this folder", "leads out of its folder" },
        { "absolute", "is an absolute name" },
        { "drive", "names a drive or a stream" },
        { "stream", "names a drive or a stream" },
        { "network share", "has a backslash in it" },
        { "backslash parent", "has a backslash in it" },
        { "control character", "holds a control character" },
        { "too deep", "folders deep" },
        { "long name", "a name is too long" },
        { "empty folder name", "has an empty folder name" },
        { "same name twice", "is in it twice" },
        { "names that differ in case", "is in it twice" },
        { "file and folder of one name", "is in it twice" },
        { "symbolic link", "is a link or a device" },
        { "device", "is a link or a device" },
        { "pipe", "is a link or a device" },
        { "flat bomb", "times its size" },
        { "many small bombs", "times its size" },
        { "overlapping files", "overlap" },
        { "claims terabytes", "times its size" },
        { "hundred thousand files", "which is the most that is taken" },
        { "fewer files claimed than listed", "directory can't be read" },
        { "more files claimed than listed", "directory can't be read" },
        { "encrypted", "is encrypted" },
        { "wrong checksum", "is not what its directory says" },
        { "longer than claimed", "is not what its directory says" },
        { "shorter than claimed", "is damaged" },
        { "torn stream", "is not what its directory says" },
        { "unknown compression", "can't be unpacked" },
        { "zstandard bomb", "times its size" },
        { "zstandard, longer than claimed", "is not what its directory says" },
        { "zstandard, shorter than claimed", "is not what its directory says" },
        { "zstandard, wrong checksum", "is not what its directory says" },
        { "zstandard, torn", "is not what its directory says" },
        { "zstandard, cut short", "is not what its directory says" },
        { "truncated directory", "not a whole ZIP archive" },
        { "truncated in the middle", "not a whole ZIP archive" },
        { "no archive", "not a whole ZIP archive" },
        { "empty", "not a whole ZIP archive" },
        { "directory beyond the end", "directory can't be read" },
        { "directory pointing at itself", "directory can't be read" },
        { "nested archive only", "None of the formats" },
        { "no files", "None of the formats" },
    };

    [Theory, MemberData(nameof(Archives))]
    public async Task Import_HostileArchive_IsRefusedAndLeavesNothing(string kind, string reason)
    {
        var bench = new Bench();

        var report = await bench.ImportZipAsync(Make(kind));

        Assert.False(report.IsKept);
        Assert.Contains(report.Faults, fault => fault.Reason.Contains(reason, StringComparison.Ordinal));
        Assert.Empty(bench.Cases);
        Assert.Empty(bench.Images);
    }

    [Fact]
    public async Task Import_SameArchiveUnharmed_IsTaken()
    {
        var bench = new Bench();

        var report = await bench.ImportZipAsync(Good().ToBytes());

        Assert.True(report.IsKept, string.Join('\n', report.Faults));
        Assert.Single(bench.Cases);
        Assert.Single(bench.Images);
    }

    [Fact]
    public async Task Import_PackedByZstandard_IsTakenAsTheSameByDeflate()
    {
        var bench = new Bench();

        var report = await bench.ImportZipAsync(new RawZip()
            .Add("metadata.jsonl", Encoding.UTF8.GetBytes(Line), zstandard: true).Add("b.txt", "stored").Add("a.png", s_png, zstandard: true).Add("c.txt", Encoding.UTF8.GetBytes("deflated"), deflate: true).ToBytes());

        Assert.True(report.IsKept, string.Join('\n', report.Faults));
        Assert.Single(bench.Cases);
        Assert.Single(bench.Images);
    }

    [Fact]
    public async Task Import_InspectLogPackedByZstandard_ItsSamplesAreCases()
    {
        var bench = new Bench();
        var sample = Encoding.UTF8.GetBytes("""{"id":"one","epoch":1,"input":"How many eggs?","target":"3","choices":null}""");

        var report = await bench.ImportZipAsync(new RawZip()
            .Add("header.json", Encoding.UTF8.GetBytes("""{"version":2,"eval":{"task":"eggs"}}"""), zstandard: true).Add("samples/one_epoch_1.json", sample, zstandard: true).ToBytes());

        Assert.True(report.IsKept, string.Join('\n', report.Faults));
        Assert.Equal(("How many eggs?", "3"), (Assert.Single(bench.Cases).Prompt, bench.Cases[0].Expected));
    }

    private static RawZip Good(int? claimed = null) => new RawZip { ClaimedEntries = claimed }.Add("metadata.jsonl", Line).Add("a.png", s_png);

    private static byte[] Make(string kind) => kind switch
    {
        "parent folder" => Good().Add("../a.png", s_png).ToBytes(),
        "parent folder inside" => Good().Add("b/../../a.png", s_png).ToBytes(),
        "this folder" => Good().Add("./a.png", s_png).ToBytes(),
        "absolute" => Good().Add("/etc/a.png", s_png).ToBytes(),
        "drive" => Good().Add("C:/a.png", s_png).ToBytes(),
        "stream" => Good().Add("a.png:hidden", s_png).ToBytes(),
        "network share" => Good().Add(@"\\server\share\a.png", s_png).ToBytes(),
        "backslash parent" => Good().Add(@"..\a.png", s_png).ToBytes(),
        "control character" => Good().Add("a\u0001.png", s_png).ToBytes(),
        "too deep" => Good().Add(string.Concat(Enumerable.Repeat("a/", 40)) + "a.png", s_png).ToBytes(),
        "long name" => Good().Add(new string('a', 600), s_png).ToBytes(),
        "empty folder name" => Good().Add("b//a.png", s_png).ToBytes(),
        "same name twice" => Good().Add("a.png", s_png).ToBytes(),
        "names that differ in case" => Good().Add("A.PNG", s_png).ToBytes(),
        "file and folder of one name" => Good().Add("a.png/", []).ToBytes(),
        "symbolic link" => Good().Add("link.png", Encoding.UTF8.GetBytes("/etc/passwd"), attributes: Link).ToBytes(),
        "device" => Good().Add("null", [], attributes: Device).ToBytes(),
        "pipe" => Good().Add("pipe", [], attributes: Fifo).ToBytes(),
        "flat bomb" => Good().Add("bomb", new byte[32 << 20], deflate: true).ToBytes(),
        "many small bombs" => Enumerable.Range(0, 200).Aggregate(Good(), (zip, i) => zip.Add($"bomb{i}", new byte[60 << 10], deflate: true)).ToBytes(),
        "overlapping files" => Good().Add("kernel-of-a-bomb", new byte[8 << 10], repeatInDirectory: 9).ToBytes(),
        "claims terabytes" => Good().Add("big", s_png, claimedSize: 0xFFFF_FFF0).ToBytes(),
        "hundred thousand files" => Good(claimed: 3).Add("name-of-an-entry", [], repeatInDirectory: 100_000).ToBytes(),
        "fewer files claimed than listed" => Good(claimed: 1).ToBytes(),
        "more files claimed than listed" => Good(claimed: 9).ToBytes(),
        "encrypted" => Good().Add("secret", s_png, flags: 1).ToBytes(),
        "wrong checksum" => new RawZip().Add("metadata.jsonl", Line).Add("a.png", s_png, crc: 12345).ToBytes(),
        "longer than claimed" => new RawZip().Add("metadata.jsonl", Line).Add("a.png", s_png, deflate: true, claimedSize: (uint)s_png.Length - 5).ToBytes(),
        "shorter than claimed" => new RawZip().Add("metadata.jsonl", Line).Add("a.png", s_png, deflate: true, claimedSize: (uint)s_png.Length + 5).ToBytes(),
        "torn stream" => new RawZip().Add("metadata.jsonl", Line).Add("a.png", [0xFF, 0xFF, 0xFF, 0xFF], method: 8).ToBytes(),
        "unknown compression" => new RawZip().Add("metadata.jsonl", Line).Add("a.png", s_png, method: 98).ToBytes(),
        "zstandard bomb" => Good().Add("bomb", new byte[32 << 20], zstandard: true).ToBytes(),
        "zstandard, longer than claimed" => new RawZip().Add("metadata.jsonl", Line).Add("a.png", s_png, zstandard: true, claimedSize: (uint)s_png.Length - 5).ToBytes(),
        "zstandard, shorter than claimed" => new RawZip().Add("metadata.jsonl", Line).Add("a.png", s_png, zstandard: true, claimedSize: (uint)s_png.Length + 5).ToBytes(),
        "zstandard, wrong checksum" => new RawZip().Add("metadata.jsonl", Line).Add("a.png", s_png, zstandard: true, crc: 12345).ToBytes(),
        "zstandard, torn" => new RawZip().Add("metadata.jsonl", Line).Add("a.png", [0xFF, 0xFF, 0xFF, 0xFF], method: 93).ToBytes(),
        "zstandard, cut short" => new RawZip().Add("metadata.jsonl", Line).Add("a.png", [0x28, 0xB5, 0x2F, 0xFD, 0x24], method: 93).ToBytes(),
        "truncated directory" => Good().ToBytes()[..^30],
        "truncated in the middle" => Good().ToBytes()[..40],
        "no archive" => Encoding.UTF8.GetBytes("This is no archive at all, and long enough to hold an end record."),
        "empty" => [],
        "directory beyond the end" => Patch(Good().ToBytes(), 6, 0x7FFF_FF00),
        "directory pointing at itself" => Patch(Good().ToBytes(), 6, 0),
        "nested archive only" => new RawZip().Add("inner.zip", Good().ToBytes()).ToBytes(),
        "no files" => new RawZip().ToBytes(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>Overwrites the end record's directory offset.</summary>
    private static byte[] Patch(byte[] zip, int fromEnd, uint offset)
    {
        BitConverter.TryWriteBytes(zip.AsSpan(zip.Length - fromEnd), offset);
        return zip;
    }
}
