using MuseWorkbench.Core;
using MuseWorkbench.Engine.Images;
using MuseWorkbench.Engine.Requests;

namespace MuseWorkbench.Engine.Tests.Images;

public sealed class ViewRendererTests : IDisposable
{
    private const int Width = 60, Height = 40;
    private readonly VipsImageDecoder _decoder = new();

    public void Dispose() => _decoder.Dispose();

    [Theory]
    [InlineData(ViewArea.Full, true)]
    [InlineData(ViewArea.TopLeft, false)]
    [InlineData(ViewArea.BottomRight, true)]
    [InlineData(ViewArea.Centre, true)]
    public void Render_PartAndFlip_ExactlyThosePixels(ViewArea area, bool flip)
    {
        var image = Image(TestImages.Noise(Width, Height, 1));
        var frame = ViewFrame.Of(new ViewSpec { Area = area, Flip = flip }, Width, Height);

        var shown = _decoder.Decode(ViewRenderer.Render(image, frame));

        Assert.Equal((frame.Width, frame.Height), (shown.Width, shown.Height));
        for (var y = 0; y < frame.Height; y++)
        {
            for (var x = 0; x < frame.Width; x++)
            {
                var column = flip ? frame.Left + frame.Width - 1 - x : frame.Left + x;
                Assert.Equal(Pixel(image, column, frame.Top + y), Pixel(shown, x, y));
            }
        }
    }

    [Theory]
    [InlineData(ViewTone.Contrast)]
    [InlineData(ViewTone.Brighter)]
    [InlineData(ViewTone.Darker)]
    public void Render_Tone_FollowsItsFormula(ViewTone tone)
    {
        var image = Image(TestImages.Gradient(Width, Height));

        var shown = _decoder.Decode(ViewRenderer.Render(image, ViewFrame.Of(new ViewSpec { Tone = tone }, Width, Height)));

        for (var at = 0; at < shown.Pixels.Length; at++)
        {
            double level = image.Pixels.Span[at];
            var expected = tone switch { ViewTone.Contrast => (1.6 * (level - 128)) + 128, ViewTone.Brighter => 1.35 * level, _ => 0.65 * level };
            Assert.Equal(Math.Clamp(expected, 0, 255), shown.Pixels.Span[at], 1.0);
        }
    }

    [Fact]
    public void Render_Grey_HasNoColour()
    {
        var shown = _decoder.Decode(ViewRenderer.Render(Image(TestImages.Gradient(Width, Height)), ViewFrame.Of(new ViewSpec { Tone = ViewTone.Grey }, Width, Height)));

        for (var at = 0; at < shown.Pixels.Length; at += 3)
        {
            Assert.Equal((shown.Pixels.Span[at], shown.Pixels.Span[at]), (shown.Pixels.Span[at + 1], shown.Pixels.Span[at + 2]));
        }
    }

    [Fact]
    public void Render_Enlarged_HasTheFramesSizeAndSameBytesEachTime()
    {
        var image = Image(TestImages.Gradient(Width, Height));
        var frame = ViewFrame.Of(new ViewSpec { Area = ViewArea.Box, Box = new(0.1, 0.1, 0.5, 0.9), Enlarge = true, Flip = true, Tone = ViewTone.Contrast }, Width, Height);

        var png = ViewRenderer.Render(image, frame);
        var shown = _decoder.Decode(png);

        Assert.Equal((frame.ShownWidth, frame.ShownHeight), (shown.Width, shown.Height));
        Assert.Equal(png, ViewRenderer.Render(image, frame));
    }

    [Fact]
    public void MeanColour_Part_IsItsMean()
    {
        var pixels = new byte[Width * Height * 3];
        for (var y = 10; y < 30; y++)
        {
            for (var x = 20; x < 40; x++)
            {
                (pixels[((y * Width) + x) * 3], pixels[(((y * Width) + x) * 3) + 2]) = (200, 100);
            }
        }

        var image = Image(pixels);

        Assert.Equal(new RgbColour(200, 0, 100), ViewRenderer.MeanColour(image, Part(20, 10, 20, 20)));
        Assert.Equal(new RgbColour(100, 0, 50), ViewRenderer.MeanColour(image, Part(10, 10, 20, 20)));
    }

    public static TheoryData<ViewFrame> NotOfTheImage =>
    [
        Part(-1, 0, 10, 10), Part(0, 0, 0, 10), Part(51, 0, 10, 10), Part(0, int.MaxValue, 10, 10), Part(0, 0, int.MaxValue, 10),
        Part(0, 0, 10, 10) with { ImageWidth = 61 }, Part(0, 0, 10, 10) with { ShownWidth = 2049 }, Part(0, 0, 10, 10) with { ShownHeight = 0 },
        Part(0, 0, 10, 10) with { Tone = (ViewTone)9 },
    ];

    [Theory]
    [MemberData(nameof(NotOfTheImage))]
    public void Render_FrameOfAnotherImage_Rejected(ViewFrame frame)
    {
        var image = Image(TestImages.Gradient(Width, Height));

        Assert.Equal("invalid_view", Assert.Throws<RequestRejectedException>(() => ViewRenderer.Render(image, frame)).Code);
        Assert.Equal("invalid_view", Assert.Throws<RequestRejectedException>(() => ViewRenderer.MeanColour(image, frame)).Code);
    }

    private static ViewFrame Part(int left, int top, int width, int height) =>
        new(Width, Height, left, top, width, height, false, ViewTone.AsIs, 10, 10);

    private static RgbImage Image(byte[] pixels) => new(Width, Height, pixels, "00");

    private static (byte, byte, byte) Pixel(RgbImage image, int x, int y)
    {
        var at = ((y * image.Width) + x) * 3;
        return (image.Pixels.Span[at], image.Pixels.Span[at + 1], image.Pixels.Span[at + 2]);
    }
}
