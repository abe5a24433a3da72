using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Tests.Cases;

public class DifferenceHashTests
{
    [Fact]
    public void Compute_GreysFallingToTheRight_SetsEveryBit() =>
        Assert.Equal(ulong.MaxValue, DifferenceHash.Compute(Picture(9, 8, (x, _) => 200 - 10 * x), 9, 8));

    [Fact]
    public void Compute_GreysRisingOrFlat_SetsNone()
    {
        Assert.Equal(0UL, DifferenceHash.Compute(Picture(9, 8, (x, _) => 10 * x), 9, 8));
        Assert.Equal(0UL, DifferenceHash.Compute(Picture(1, 1, (_, _) => 77), 1, 1));
    }

    [Fact]
    public void Compute_OneDarkCell_SetsTheBitBeforeIt() =>
        Assert.Equal(1UL << 63 >> (2 * 8 + 3), DifferenceHash.Compute(Picture(9, 8, (x, y) => (x, y) == (4, 2) ? 50 : 100), 9, 8));

    [Theory]
    [InlineData(90, 80)]
    [InlineData(333, 207)]
    [InlineData(640, 480)]
    public void Compute_SamePictureScaledOrBrighter_StaysNear(int width, int height)
    {
        var hash = DifferenceHash.Compute(Picture(1000, 800, (x, y) => Wave(x / 1000.0, y / 800.0)), 1000, 800);

        Assert.InRange(DifferenceHash.Distance(hash, DifferenceHash.Compute(Picture(width, height, (x, y) => Wave((double)x / width, (double)y / height)), width, height)), 0, DifferenceHash.NearDistance);
        Assert.InRange(DifferenceHash.Distance(hash, DifferenceHash.Compute(Picture(width, height, (x, y) => Wave((double)x / width, (double)y / height) * 0.8 + 30), width, height)), 0, DifferenceHash.NearDistance);
        Assert.InRange(DifferenceHash.Distance(hash, DifferenceHash.Compute(Picture(width, height, (x, y) => Wave((double)y / height, (double)x / width)), width, height)), DifferenceHash.NearDistance + 1, 64);
    }

    [Fact]
    public void Compute_WrongLength_Throws() => Assert.Throws<ArgumentException>(() => DifferenceHash.Compute(new byte[5], 1, 1));

    private static double Wave(double x, double y) => 128 + 60 * Math.Sin(9 * x + 2 * y * y) + 50 * Math.Cos(4 * y + 5 * x * y);

    private static byte[] Picture(int width, int height, Func<int, int, double> grey)
    {
        var rgb = new byte[width * height * 3];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
                rgb.AsSpan((y * width + x) * 3, 3).Fill((byte)Math.Clamp(grey(x, y), 0, 255));
        }
        return rgb;
    }
}
