using MuseWorkbench.Core;

namespace MuseWorkbench.Engine.Tests.Images;

public class ImageCoordinatesTests
{
    [Theory]
    // A wide image has empty bands above and below: the canvas's middle half is its whole height.
    [InlineData(200, 100, 0.25, 0.25, 0.75, 0.75, 0.25, 0, 0.75, 1)]
    [InlineData(200, 100, 0, 0.5, 1, 0.75, 0, 0.5, 1, 1)]
    [InlineData(100, 200, 0.25, 0.1, 0.5, 0.2, 0, 0.1, 0.5, 0.2)]
    [InlineData(100, 100, 0.1, 0.2, 0.3, 0.4, 0.1, 0.2, 0.3, 0.4)]
    // Partly and wholly in the padding.
    [InlineData(200, 100, 0, 0.1, 0.5, 0.5, 0, 0, 0.5, 0.5)]
    [InlineData(200, 100, 0, 0.1, 0.5, 0.2, 0, 0, 0.5, 0)]
    [InlineData(200, 100, 0, 0.8, 0.5, 0.9, 0, 1, 0.5, 1)]
    // Out of range, and in the wrong order.
    [InlineData(100, 100, -3, 0, 7, 1, 0, 0, 1, 1)]
    [InlineData(100, 100, 0.9, 0.8, 0.1, 0.2, 0.1, 0.2, 0.9, 0.8)]
    public void ToOriginal_PadSquare_TakesThePaddingAway(int width, int height, double x0, double y0, double x1, double y1, double ex0, double ey0, double ex1, double ey1) =>
        AssertClose(new(ex0, ey0, ex1, ey1), ImageCoordinates.ToOriginal(new(x0, y0, x1, y1), ImageFit.PadSquare, width, height));

    [Fact]
    public void ToOriginal_Stretch_KeepsTheBox() =>
        AssertClose(new(0.1, 0.2, 0.3, 0.4), ImageCoordinates.ToOriginal(new(0.1, 0.2, 0.3, 0.4), ImageFit.Stretch, 999, 100));

    [Fact]
    public void ToOriginal_NotANumber_BecomesTheEdge()
    {
        var box = ImageCoordinates.ToOriginal(new(double.NaN, 0, 1, double.PositiveInfinity), ImageFit.PadSquare, 10, 10);
        Assert.Equal(new(0, 0, 1, 1), box);
    }

    [Theory]
    [InlineData(ImageFit.PadSquare)]
    [InlineData(ImageFit.Stretch)]
    public void ToModel_ThenToOriginal_IsTheSameBox(ImageFit fit)
    {
        var random = new Random(3);
        for (var i = 0; i < 1_000; i++)
        {
            var (width, height) = (random.Next(1, 5_000), random.Next(1, 5_000));
            var (x0, y0) = (random.NextDouble(), random.NextDouble());
            var box = new NormalizedBox(x0, y0, x0 + (random.NextDouble() * (1 - x0)), y0 + (random.NextDouble() * (1 - y0)));

            AssertClose(box, ImageCoordinates.ToOriginal(ImageCoordinates.ToModel(box, fit, width, height), fit, width, height));
        }
    }

    [Theory]
    [InlineData(640, 480, 0, 24, 192, 144)]
    [InlineData(480, 640, 24, 0, 144, 192)]
    [InlineData(192, 192, 0, 0, 192, 192)]
    [InlineData(10, 10, 0, 0, 192, 192)]
    [InlineData(4_000, 100, 0, 93, 192, 5)]
    public void PadSquare_Size_IsFittedAndCentred(int width, int height, int left, int top, int imageWidth, int imageHeight) =>
        Assert.Equal(new(192, 192, left, top, imageWidth, imageHeight), ModelCanvas.PadSquare(width, height, 192));

    [Theory]
    // Within 40 to 280 patches: rounded to patches of 24.
    [InlineData(192, 192, 192, 192)]
    [InlineData(300, 205, 312, 216)]
    // Above: shrunk and rounded down; below: grown and rounded up.
    [InlineData(4_000, 3_000, 456, 336)]
    [InlineData(12_288, 308, 2_520, 48)]
    [InlineData(10, 10, 168, 168)]
    public void Stretch_Size_IsWholePatchesWithinLimits(int width, int height, int canvasWidth, int canvasHeight)
    {
        var canvas = ModelCanvas.Stretch(width, height, 24, 40, 280);

        Assert.Equal((canvasWidth, canvasHeight), (canvas.Width, canvas.Height));
        Assert.InRange(canvas.ImageWidth, 1, canvas.Width);
        Assert.InRange(canvas.ImageHeight, 1, canvas.Height);
        Assert.True(canvas.ImageWidth == canvas.Width || canvas.ImageHeight == canvas.Height);
    }

    private static void AssertClose(NormalizedBox expected, NormalizedBox actual)
    {
        Assert.Equal(expected.X0, actual.X0, 1e-9);
        Assert.Equal(expected.Y0, actual.Y0, 1e-9);
        Assert.Equal(expected.X1, actual.X1, 1e-9);
        Assert.Equal(expected.Y1, actual.Y1, 1e-9);
    }
}
