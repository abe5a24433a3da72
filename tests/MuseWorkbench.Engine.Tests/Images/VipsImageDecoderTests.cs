using System.Security.Cryptography;
using MuseWorkbench.Core;
using MuseWorkbench.Engine.Images;
using MuseWorkbench.Engine.Images.Vips;
using MuseWorkbench.Engine.Requests;

namespace MuseWorkbench.Engine.Tests.Images;

public sealed class VipsImageDecoderTests : IDisposable
{
    private readonly VipsImageDecoder _decoder = new();

    public void Dispose() => _decoder.Dispose();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(13, 13)]
    [InlineData(200, 5)]
    public void Decode_Png_GivesItsPixels(int width, int height)
    {
        var rgb = TestImages.Noise(width, height, 1);
        var png = PngWriter.Write(width, height, rgb);

        var image = _decoder.Decode(png);

        Assert.Equal((width, height), (image.Width, image.Height));
        Assert.Equal(rgb, image.Pixels);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(png)), image.ContentHash);
    }

    [Fact]
    public void Decode_LosslessWebP_GivesItsPixels()
    {
        var rgb = TestImages.Noise(31, 17, 2);
        var webp = TestImages.Encode(PngWriter.Write(31, 17, rgb), "webpsave_buffer", ("lossless", "true"));

        Assert.Equal(rgb, _decoder.Decode(webp).Pixels);
    }

    public static TheoryData<string, byte[]> LossyKinds => new()
    {
        { "jpeg", TestImages.Jpeg(64, 48) },
        { "progressive jpeg", TestImages.Jpeg(64, 48, progressive: true) },
        { "cmyk jpeg", TestImages.CmykJpeg(64, 48) },
        { "webp", TestImages.WebP(64, 48) },
        { "first frame of an animation", TestImages.Encode(TwoFrames(), "webpsave_buffer", ("lossless", "true"), ("page-height", "48")) },
    };

    [Theory]
    [MemberData(nameof(LossyKinds), DisableDiscoveryEnumeration = true)]
    public void Decode_OtherEncodings_AreCloseToTheOriginal(string kind, byte[] encoded)
    {
        var image = _decoder.Decode(encoded);

        Assert.Equal((64, 48), (image.Width, image.Height));
        // Printing inks can't hold every screen colour, so CMYK comes back duller.
        Assert.InRange(MeanDifference(TestImages.Gradient(64, 48), image.Pixels.Span), 0, kind == "cmyk jpeg" ? 30 : 4);
    }

    [Theory]
    [CombinatorialOrientations]
    public void Decode_Orientation_TurnsPixelsAsLibvipsDoes(string kind, int orientation)
    {
        var plain = Encode(kind, 40, 24);
        var turned = TestImages.WithExif(plain, TestImages.Exif((ushort)orientation, little: orientation % 2 == 0));

        var header = ImageHeader.TryRead(turned)!.Value;
        var image = _decoder.Decode(turned);

        Assert.Equal(orientation, header.Orientation);
        Assert.Equal(orientation >= 5 ? (24, 40) : (40, 24), (header.Width, header.Height));
        Assert.Equal((header.Width, header.Height), (image.Width, image.Height));
        Assert.Equal(Reference(_decoder.Decode(plain), orientation), image.Pixels);
    }

    [Fact]
    public void Decode_TransparentPng_LiesOnWhite()
    {
        byte[] rgba = [255, 0, 0, 255, 255, 0, 0, 0, 0, 0, 0, 128];
        var png = PngWriter.Join(PngWriter.Signature, PngWriter.Header(3, 1, 8, PngWriter.Rgba), PngWriter.Data(rgba, 12), PngWriter.End());

        var pixels = _decoder.Decode(png).Pixels.ToArray();

        Assert.Equal([255, 0, 0, 255, 255, 255], pixels[..6]);
        Assert.All(pixels[6..], v => Assert.InRange(v, 126, 128));
    }

    public static TheoryData<string, byte[], byte[]> PngColours => new()
    {
        { "16-bit RGB", Png(16, PngWriter.Rgb, [0xFF, 0xFF, 0x80, 0x80, 0, 0], 6), [255, 128, 0] },
        { "16-bit grey", Png(16, PngWriter.Grey, [0x40, 0x40], 2), [64, 64, 64] },
        { "8-bit grey", Png(8, PngWriter.Grey, [77], 1), [77, 77, 77] },
        { "1-bit grey", Png(1, PngWriter.Grey, [0x80], 1), [255, 255, 255] },
        { "grey and alpha", Png(8, PngWriter.GreyAlpha, [10, 0], 2), [255, 255, 255] },
        { "palette", Png(8, PngWriter.Palette, [1], 1, PngWriter.Chunk("PLTE", [0, 0, 0, 9, 8, 7])), [9, 8, 7] },
        { "palette with transparency", Png(8, PngWriter.Palette, [0], 1, PngWriter.Chunk("PLTE", [5, 5, 5]), PngWriter.Chunk("tRNS", [0])), [255, 255, 255] },
    };

    [Theory]
    [MemberData(nameof(PngColours), DisableDiscoveryEnumeration = true)]
    public void Decode_PngColours_BecomeRgb(string kind, byte[] png, byte[] expected)
    {
        var actual = _decoder.Decode(png).Pixels.ToArray();
        Assert.True(expected.SequenceEqual(actual), $"{kind}: {string.Join(',', actual)}");
    }

    [Fact]
    public void Decode_ManyImages_LeavesNoNativeMemoryBehind()
    {
        var good = TestImages.WithExif(TestImages.Jpeg(64, 48), TestImages.Exif(6));
        var bad = good[..(good.Length / 2)];
        Burst(20);
        var before = VipsNative.TrackedAllocations();

        Burst(200);

        // Tests run beside each other in this process; a leak of one allocation a decode would show as hundreds.
        Assert.InRange(VipsNative.TrackedAllocations() - before, -1000, 100);

        void Burst(int count)
        {
            for (var i = 0; i < count; i++)
            {
                _decoder.Decode(good);
                Assert.Throws<RequestRejectedException>(() => _decoder.Decode(bad));
            }
        }
    }

    private static byte[] Png(byte depth, byte colour, byte[] row, int rowBytes, params byte[][] before) =>
        PngWriter.Join([PngWriter.Signature, PngWriter.Header(1, 1, depth, colour), .. before, PngWriter.Data(row, rowBytes), PngWriter.End()]);

    private static byte[] TwoFrames() => PngWriter.Write(64, 96, [.. TestImages.Gradient(64, 48), .. TestImages.Noise(64, 48, 3)]);

    private static byte[] Encode(string kind, int width, int height) => kind switch
    {
        "png" => TestImages.Png(width, height),
        "jpeg" => TestImages.Jpeg(width, height),
        _ => TestImages.WebP(width, height),
    };

    /// <summary>libvips' own turns and flips of the upright pixels.</summary>
    private static unsafe byte[] Reference(RgbImage upright, int orientation)
    {
        var png = PngWriter.Write(upright.Width, upright.Height, upright.Pixels.Span);
        fixed (byte* data = png)
        {
            using var load = new VipsOperation("pngload_buffer").Set("buffer", data, png.Length);
            using var image = load.TakeImage();
            var turn = orientation switch { 3 => "d180", 5 or 6 => "d90", 7 or 8 => "d270", _ => "d0" };
            using var rotate = new VipsOperation("rot").Set("in", image).Set("angle", turn);
            using var rotated = rotate.TakeImage();
            using var mirror = new VipsOperation("flip").Set("in", rotated).Set("direction", orientation == 4 ? "vertical" : "horizontal");
            using var mirrored = mirror.TakeImage();
            var memory = VipsNative.WriteToMemory(orientation is 2 or 4 or 5 or 7 ? mirrored : rotated, out var length);
            var result = new ReadOnlySpan<byte>((void*)memory, (int)length).ToArray();
            VipsNative.Free(memory);
            return result;
        }
    }

    private static double MeanDifference(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        Assert.Equal(a.Length, b.Length);
        var sum = 0L;
        for (var i = 0; i < a.Length; i++)
        {
            sum += Math.Abs(a[i] - b[i]);
        }

        return (double)sum / a.Length;
    }

    private sealed class CombinatorialOrientationsAttribute : Xunit.v3.DataAttribute
    {
        public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(System.Reflection.MethodInfo testMethod, Xunit.Sdk.DisposalTracker disposalTracker) =>
            new((from kind in new[] { "png", "jpeg", "webp" } from o in Enumerable.Range(1, 8) select new TheoryDataRow(kind, o)).ToList());

        public override bool SupportsDiscoveryEnumeration() => true;
    }
}
