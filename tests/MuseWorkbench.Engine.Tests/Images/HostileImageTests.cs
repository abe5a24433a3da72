using MuseWorkbench.Core;
using MuseWorkbench.Engine.Images;
using MuseWorkbench.Engine.Requests;

namespace MuseWorkbench.Engine.Tests.Images;

public sealed class HostileImageTests : IDisposable
{
    private const string NotAnImage = "The file is not a readable PNG, JPEG or WebP image.";
    private const string Damaged = "The image is damaged or of a kind that can't be decoded.";

    private readonly VipsImageDecoder _decoder = new();

    public void Dispose() => _decoder.Dispose();

    public static TheoryData<string, byte[], string> Rejected => new()
    {
        { "empty", [], "The file is empty." },
        { "too many bytes", new byte[(20 << 20) + 1], "The image is 20.0 MB; at most 20 MB is accepted." },
        { "noise", TestImages.Noise(256, 85, 9), NotAnImage },

        { "png: signature only", PngWriter.Signature, NotAnImage },
        { "png: 60,000 x 60,000", PngWriter.Claiming(60_000, 60_000), "The image is 60,000 × 60,000 pixels; a side may be at most 12,288." },
        { "png: 1,000,000 x 1", PngWriter.Claiming(1_000_000, 1), "The image is 1,000,000 × 1 pixels; a side may be at most 12,288." },
        { "png: 1 x 1,000,000", PngWriter.Claiming(1, 1_000_000), "The image is 1 × 1,000,000 pixels; a side may be at most 12,288." },
        { "png: 20,000 x 1", PngWriter.Claiming(20_000, 1), "The image is 20,000 × 1 pixels; a side may be at most 12,288." },
        { "png: 52,800 x 44", PngWriter.Claiming(52_800, 44), "The image is 52,800 × 44 pixels; a side may be at most 12,288." },
        { "png: thin within sides", PngWriter.Claiming(41, 1), "The image is 41 × 1 pixels; one side may be at most 40 times the other." },
        { "png: too many pixels", PngWriter.Claiming(8_000, 8_000), "The image is 8,000 × 8,000 pixels, 64.0 megapixels; at most 50 are accepted." },
        { "png: zero width", PngWriter.Claiming(0, 5), "The image is 0 × 5 pixels; a side must be at least 1." },
        { "png: size beyond 31 bits", PngWriter.Claiming(uint.MaxValue, 5), NotAnImage },
        { "png: more pixels than data", PngWriter.Claiming(7_000, 7_000), Damaged },
        { "png: bad checksum of the header", Flip(TestImages.Png(40, 30), 30), Damaged },
        { "png: bad checksum of the data", Flip(TestImages.Png(40, 30), -13), Damaged },
        { "png: palette without PLTE", PngWriter.Join(PngWriter.Signature, PngWriter.Header(1, 1, 8, PngWriter.Palette), PngWriter.Data([0], 1), PngWriter.End()), Damaged },
        { "png: impossible depth", PngWriter.Join(PngWriter.Signature, PngWriter.Header(1, 1, 7, PngWriter.Rgb), PngWriter.Data([0, 0, 0], 3), PngWriter.End()), Damaged },
        { "png: no data", PngWriter.Join(PngWriter.Signature, PngWriter.Header(9, 9, 8, PngWriter.Rgb), PngWriter.End()), Damaged },

        { "jpeg: zero height", WithJpegSize(TestImages.Jpeg(40, 30), 40, 0), "The image is 40 × 0 pixels; a side must be at least 1." },
        { "jpeg: 65,535 x 65,535", WithJpegSize(TestImages.Jpeg(40, 30), 65_535, 65_535), "The image is 65,535 × 65,535 pixels; a side may be at most 12,288." },
        { "jpeg: 1,000 scans", WithScans(TestImages.Jpeg(40, 30, progressive: true), 1_000), Damaged },
        { "jpeg: start only", [0xFF, 0xD8, 0xFF], NotAnImage },
        { "jpeg: fill bytes to the end", [0xFF, 0xD8, .. Enumerable.Repeat((byte)0xFF, 100_000)], NotAnImage },
        { "jpeg: segment of length 0", [0xFF, 0xD8, 0xFF, 0xE0, 0, 0, 0xFF, 0xC0, 0, 11], NotAnImage },

        { "webp: container longer than the file", WithRiffSize(TestImages.WebP(40, 30), 5_000), Damaged },
        { "webp: container of 0 bytes", WithRiffSize(TestImages.WebP(40, 30), -100_000), NotAnImage },
        { "webp: container shorter than its frame", WithRiffSize(TestImages.WebP(40, 30), -30), Damaged },
        { "webp: canvas is not the frame", WithCanvas(TestImages.WithExif(TestImages.WebP(40, 30), TestImages.Exif(1)), 500), Damaged },
        { "webp: canvas of 16,777,216", WithCanvas(TestImages.WithExif(TestImages.WebP(40, 30), TestImages.Exif(1)), 1 << 24), "The image is 16,777,216 × 30 pixels; a side may be at most 12,288." },
        { "webp: lossless frame of noise", TestImages.Riff(TestImages.Chunk("VP8L", [0x2F, 39, 0x40, 7, 0, .. TestImages.Noise(40, 30, 4)])), Damaged },

        { "gif", TestImages.Encode(TestImages.Png(40, 30), "gifsave_buffer"), NotAnImage },
        { "tiff", TestImages.Encode(TestImages.Png(40, 30), "tiffsave_buffer"), NotAnImage },
        { "gif and script at once", [.. "GIF89a/*"u8, .. TestImages.Noise(9, 9, 1), .. "*/=1;alert(1)"u8], NotAnImage },
        { "svg with script", "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>"u8.ToArray(), NotAnImage },
        { "html", "<!doctype html><script>alert(1)</script>"u8.ToArray(), NotAnImage },
        { "pdf", "%PDF-1.7\n1 0 obj<<>>endobj"u8.ToArray(), NotAnImage },
        { "bmp", [.. "BM"u8, .. new byte[64]], NotAnImage },
        { "openexr", [0x76, 0x2F, 0x31, 0x01, .. new byte[64]], NotAnImage },
        { "heic", [0, 0, 0, 24, .. "ftypheic"u8, .. new byte[64]], NotAnImage },
        { "avif", [0, 0, 0, 24, .. "ftypavif"u8, .. new byte[64]], NotAnImage },
        { "wave in a RIFF container", [.. "RIFF"u8, 64, 0, 0, 0, .. "WAVEfmt "u8, .. new byte[64]], NotAnImage },
    };

    [Theory]
    [MemberData(nameof(Rejected), DisableDiscoveryEnumeration = true)]
    public void Decode_Hostile_IsRejectedWithAReason(string name, byte[] encoded, string reason)
    {
        var error = Assert.Throws<RequestRejectedException>(() => _decoder.Decode(encoded));
        Assert.True(reason == error.Message && error.Code == "invalid_image", $"{name}: {error.Code}: {error.Message}");
    }

    public static TheoryData<string, byte[]> Accepted => new()
    {
        { "png: interlaced", TestImages.Encode(TestImages.Png(40, 30), "pngsave_buffer", ("interlace", "true")) },
        { "png: animated", AnimatedPng() },
        { "png: archive behind its end", [.. TestImages.Png(40, 30), .. "PK\u0003\u0004"u8, .. new byte[64]] },
        { "png: html behind its end", [.. TestImages.Png(40, 30), .. "<script>alert(1)</script>"u8] },
        { "png: orientation out of range", TestImages.WithExif(TestImages.Png(40, 30), TestImages.Exif(9)) },
        { "png: directory that points at itself", TestImages.WithExif(TestImages.Png(40, 30), LoopingExif()) },
        { "jpeg: directory that points at itself", TestImages.WithExif(TestImages.Jpeg(40, 30), LoopingExif()) },
        { "jpeg: html behind its end", [.. TestImages.Jpeg(40, 30), .. "<script>alert(1)</script>"u8] },
        // The data ends early but in good order; viewers show grey for the rest, and so do we.
        { "jpeg: fewer rows than claimed", WithJpegSize(TestImages.Jpeg(40, 16), 40, 30) },
        { "webp: 1,000 frames", TestImages.AnimatedWebP(40, 30, 1_000) },
        { "webp: directory that points at itself", TestImages.WithExif(TestImages.WebP(40, 30), LoopingExif()) },
    };

    [Theory]
    [MemberData(nameof(Accepted), DisableDiscoveryEnumeration = true)]
    public void Decode_OddButReadable_GivesOneFrame(string name, byte[] encoded)
    {
        var image = _decoder.Decode(encoded);
        Assert.True((image.Width, image.Height, image.Pixels.Length) == (40, 30, 40 * 30 * 3), name);
    }

    [Theory]
    [InlineData("zTXt", "comment\0\0")]
    [InlineData("iCCP", "profile\0\0")]
    public void Decode_PngWithCompressionBomb_TakesLittleMemory(string chunk, string head)
    {
        // 200 MB of zeros in 200 kB. Either verdict will do; unpacking it will not.
        byte[] bomb = [.. System.Text.Encoding.Latin1.GetBytes(head), .. PngWriter.Deflate(new byte[200_000_000])];
        var png = TestImages.Png(40, 30);
        var encoded = PngWriter.Join(png[..33], PngWriter.Chunk(chunk, bomb), png[33..]);
        var before = PeakMemory();

        DecodeOrReject(encoded);

        Assert.InRange(PeakMemory() - before, 0, 100_000_000);

        static long PeakMemory()
        {
            using var self = System.Diagnostics.Process.GetCurrentProcess();
            return self.PeakWorkingSet64;
        }
    }

    [Theory]
    [InlineData("png")]
    [InlineData("jpeg")]
    [InlineData("progressive")]
    [InlineData("webp")]
    [InlineData("lossless")]
    public void Decode_Truncated_IsRejected(string kind)
    {
        var whole = Sample(kind, 120, 90);
        for (var i = 0; i < 10; i++)
        {
            var cut = whole.AsMemory(0, (whole.Length - 20) * (i + 1) / 10);
            var error = Record.Exception(() => _decoder.Decode(cut));
            Assert.True(error is RequestRejectedException, $"{kind} cut to {cut.Length} of {whole.Length} bytes: {error?.ToString() ?? "decoded"}");
        }
    }

    [Fact]
    public void Decode_Mutants_DecodeOrAreRejected()
    {
        string[] kinds = ["png", "jpeg", "progressive", "webp", "lossless", "animated", "exif"];
        var samples = kinds.Select(k => Sample(k, 48, 36)).ToArray();
        var random = new Random(20261123);
        var decoded = 0;
        const int count = 5_000;
        for (var i = 0; i < count; i++)
        {
            var mutant = samples[i % samples.Length].ToArray();
            for (var flips = random.Next(1, 9); flips > 0; flips--)
            {
                // Half of the flips go to the first bytes, where the structure is.
                var at = random.Next(2) == 0 ? random.Next(Math.Min(64, mutant.Length)) : random.Next(mutant.Length);
                mutant[at] ^= (byte)(1 << random.Next(8));
            }

            decoded += DecodeOrReject(mutant) ? 1 : 0;
        }

        // Both verdicts occur, or the mutants test nothing.
        Assert.InRange(decoded, count / 100, count * 99 / 100);
    }

    private bool DecodeOrReject(byte[] encoded)
    {
        try
        {
            var image = _decoder.Decode(encoded);
            Assert.Equal(image.Width * image.Height * 3, image.Pixels.Length);
            return true;
        }
        catch (RequestRejectedException error)
        {
            Assert.Equal("invalid_image", error.Code);
            return false;
        }
    }

    private static byte[] Sample(string kind, int width, int height) => kind switch
    {
        "png" => PngWriter.Write(width, height, TestImages.Noise(width, height, 5)),
        "jpeg" => TestImages.Jpeg(width, height),
        "progressive" => TestImages.Jpeg(width, height, progressive: true),
        "webp" => TestImages.WebP(width, height),
        "lossless" => TestImages.WebP(width, height, lossless: true),
        "animated" => TestImages.AnimatedWebP(width, height, 3),
        _ => TestImages.WithExif(TestImages.WebP(width, height), TestImages.Exif(6)),
    };

    private static byte[] Flip(byte[] encoded, int at)
    {
        encoded[at < 0 ? encoded.Length + at : at] ^= 0x10;
        return encoded;
    }

    private static byte[] WithJpegSize(byte[] jpeg, int width, int height)
    {
        var frame = jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]) + 5;
        (jpeg[frame], jpeg[frame + 1], jpeg[frame + 2], jpeg[frame + 3]) = ((byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width);
        return jpeg;
    }

    /// <summary>Repeats the last scan, which refines nothing new but must be read.</summary>
    private static byte[] WithScans(byte[] jpeg, int count)
    {
        var last = jpeg.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]);
        var scan = jpeg[last..^2];
        return [.. jpeg[..last], .. Enumerable.Repeat(scan, count).SelectMany(s => s), 0xFF, 0xD9];
    }

    private static byte[] WithRiffSize(byte[] webp, int change)
    {
        var size = (uint)Math.Max(0, BitConverter.ToInt32(webp, 4) + change);
        BitConverter.TryWriteBytes(webp.AsSpan(4), size);
        return webp;
    }

    private static byte[] WithCanvas(byte[] extended, int width)
    {
        width--;
        (extended[24], extended[25], extended[26]) = ((byte)width, (byte)(width >> 8), (byte)(width >> 16));
        return extended;
    }

    private static byte[] LoopingExif()
    {
        var tiff = TestImages.Exif(1);
        (tiff[10], tiff[11], tiff[22]) = (0x69, 0x87, 8);
        return tiff;
    }

    private static byte[] AnimatedPng()
    {
        var png = TestImages.Png(40, 30);
        byte[] control = [0, 0, 0, 2, 0, 0, 0, 0];
        byte[] frame = [0, 0, 0, 0, 0, 0, 0, 40, 0, 0, 0, 30, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 10, 0, 0];
        byte[] second = [0, 0, 0, 1, .. frame[4..]];
        byte[] data = [0, 0, 0, 2, .. PngWriter.Deflate(new byte[91 * 30 + 30 * 30])];
        return PngWriter.Join(
            png[..33], PngWriter.Chunk("acTL", control), PngWriter.Chunk("fcTL", frame), png[33..^12],
            PngWriter.Chunk("fcTL", second), PngWriter.Chunk("fdAT", data), PngWriter.End());
    }
}
