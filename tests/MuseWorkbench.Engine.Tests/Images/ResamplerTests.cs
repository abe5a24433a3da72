using MuseWorkbench.Core;
using MuseWorkbench.Engine.Images;

namespace MuseWorkbench.Engine.Tests.Images;

public class ResamplerTests
{
    [Fact]
    public void Smooth_SameSize_Copies()
    {
        var rgb = TestImages.Noise(50, 50, 1);
        Assert.Equal(rgb, Resampler.Smooth(new(50, 50, rgb, ""), ModelCanvas.PadSquare(50, 50, 50)));
    }

    [Theory]
    [InlineData(1000, 1000)]
    [InlineData(777, 333)]
    [InlineData(20, 31)]
    public void Smooth_Gradient_StaysTheGradient(int width, int height)
    {
        var canvas = ModelCanvas.PadSquare(width, height, 100);

        var result = Resampler.Smooth(new(width, height, TestImages.Gradient(width, height), ""), canvas);

        for (var y = 0; y < canvas.ImageHeight; y++)
        {
            for (var x = 0; x < canvas.ImageWidth; x++)
            {
                var at = (((canvas.Top + y) * 100) + canvas.Left + x) * 3;
                // A gradient's mean over a pixel is its value at the middle; at the borders, half a window is missing.
                var allowed = (255.0 / Math.Min(width, canvas.ImageWidth)) + (255.0 / Math.Min(height, canvas.ImageHeight));
                Assert.InRange(result[at], ((x + 0.5) / canvas.ImageWidth * 255) - allowed, ((x + 0.5) / canvas.ImageWidth * 255) + allowed);
                Assert.InRange(result[at + 1], ((y + 0.5) / canvas.ImageHeight * 255) - allowed, ((y + 0.5) / canvas.ImageHeight * 255) + allowed);
            }
        }
    }

    [Fact]
    public void Smooth_FineCheckerboard_BecomesGrey()
    {
        const int size = 960;
        var rgb = new byte[size * size * 3];
        for (var i = 0; i < size * size; i++)
        {
            rgb.AsSpan(i * 3, 3).Fill((byte)(((i % size) + (i / size)) % 2 * 255));
        }

        // Without smoothing the pattern would alias into stripes of black and white.
        Assert.All(Resampler.Smooth(new(size, size, rgb, ""), ModelCanvas.PadSquare(size, size, 96)), v => Assert.InRange(v, 120, 135));
    }

    [Fact]
    public void Smooth_WideImage_LiesOnItsBordersMeanColour()
    {
        byte[] rgb = [0, 0, 0, 200, 100, 50, 0, 0, 0, 200, 100, 50];

        var result = Resampler.Smooth(new(4, 1, rgb, ""), ModelCanvas.PadSquare(4, 1, 4));

        Assert.Equal([100, 50, 25], result[..3]);
        Assert.Equal(rgb, result[12..24]);
        Assert.Equal([100, 50, 25], result[^3..]);
    }

    [Fact]
    public void Bilinear_Doubling_InterpolatesAndTruncates()
    {
        byte[] rgb = [0, 0, 0, 100, 100, 100];

        var result = Resampler.Bilinear(new(2, 1, rgb, ""), new(4, 2, 0, 0, 4, 1));

        // Corners lie on corners: positions 0, 1/3, 2/3, 1; the row left over stays black.
        Assert.Equal([0, 0, 0, 33, 33, 33, 66, 66, 66, 100, 100, 100], result[..12]);
        Assert.All(result[12..], v => Assert.Equal(0, v));
    }
}
