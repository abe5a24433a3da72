using MuseWorkbench.Core;

namespace MuseWorkbench.Engine.Tests.Images;

public class ImageHeaderTests
{
    public static TheoryData<string, byte[], string> Kinds => new()
    {
        { "png", TestImages.Png(40, 30), "image/png" },
        { "jpeg", TestImages.Jpeg(40, 30), "image/jpeg" },
        { "progressive jpeg", TestImages.Jpeg(40, 30, progressive: true), "image/jpeg" },
        { "cmyk jpeg", TestImages.CmykJpeg(40, 30), "image/jpeg" },
        { "lossy webp", TestImages.WebP(40, 30), "image/webp" },
        { "lossless webp", TestImages.WebP(40, 30, lossless: true), "image/webp" },
        { "animated webp", TestImages.AnimatedWebP(40, 30, 3), "image/webp" },
        { "extended webp", TestImages.WithExif(TestImages.WebP(40, 30), TestImages.Exif(1)), "image/webp" },
    };

    [Theory]
    [MemberData(nameof(Kinds), DisableDiscoveryEnumeration = true)]
    public void TryRead_Encoding_GivesKindAndSize(string name, byte[] encoded, string mediaType)
    {
        var header = ImageHeader.TryRead(encoded);

        Assert.NotNull(header);
        Assert.True((40, 30, 1, mediaType) == (header.Value.Width, header.Value.Height, header.Value.Orientation, header.Value.MediaType), name);
    }

    [Theory]
    [MemberData(nameof(Kinds), DisableDiscoveryEnumeration = true)]
    public void TryRead_EveryPrefix_IsRightOrNothing(string name, byte[] encoded, string mediaType)
    {
        for (var length = 0; length < encoded.Length; length++)
        {
            if (ImageHeader.TryRead(encoded.AsSpan(0, length)) is { } header)
            {
                Assert.True((header.Width, header.Height, header.MediaType) == (40, 30, mediaType), $"{name}, {length} bytes");
            }
        }
    }

    [Fact]
    public void TryRead_RandomBytesBehindASignature_NeverThrows()
    {
        byte[][] starts = [[.. PngWriter.Signature, 0, 0, 0, 13, .. "IHDR"u8], [0xFF, 0xD8, 0xFF], [.. "RIFF\uFFFF"u8, .. "WEBPVP8X"u8], [.. "RIFFaaaaWEBPVP8 "u8]];
        var random = new Random(7);
        for (var i = 0; i < 50_000; i++)
        {
            var bytes = new byte[random.Next(16, 200)];
            random.NextBytes(bytes);
            var start = starts[i % starts.Length];
            start.AsSpan(0, Math.Min(start.Length, bytes.Length)).CopyTo(bytes);

            // A span ends where it ends: reading past it throws, which fails the test.
            _ = ImageHeader.TryRead(bytes);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void TryRead_JpegOrientation_IsReadInBothByteOrders(bool little)
    {
        var header = ImageHeader.TryRead(TestImages.WithExif(TestImages.Jpeg(40, 30), TestImages.Exif(6, little)))!.Value;

        Assert.Equal((30, 40, 6), (header.Width, header.Height, header.Orientation));
        Assert.Equal((40, 30), (header.StoredWidth, header.StoredHeight));
    }

    [Theory]
    [InlineData(0, 1, false)]
    [InlineData(1, 1, true)]
    [InlineData(12_288, 4_000, true)]
    [InlineData(12_289, 4_000, false)]
    [InlineData(7_071, 7_071, true)]
    [InlineData(7_072, 7_072, false)]
    [InlineData(400, 10, true)]
    [InlineData(401, 10, false)]
    [InlineData(10, 401, false)]
    public void CheckSize_AtTheLimits_IsExact(int width, int height, bool accepted) =>
        Assert.Equal(accepted, ImageLimits.Default.CheckSize(width, height) is null);
}
