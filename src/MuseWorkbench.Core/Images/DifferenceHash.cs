using System.Numerics;

namespace MuseWorkbench.Core;

/// <summary>
/// A picture's difference hash ("dHash", N. Krawetz 2013): shrunk to 9 × 8 greys, one bit for each of the 64 neighbours in
/// a row, set where the right one is darker. It survives scaling, recompression and changes of brightness and contrast,
/// not cropping, turning or mirroring.
/// </summary>
public static class DifferenceHash
{
    /// <summary>Pictures whose hashes differ in at most this many of 64 bits look alike.</summary>
    public const int NearDistance = 6;

    private const int Columns = 9, Rows = 8;

    /// <summary>The hash of a picture, the top left comparison in the highest bit.</summary>
    /// <param name="rgb">8-bit RGB, row-major, no padding.</param>
    public static ulong Compute(ReadOnlySpan<byte> rgb, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (rgb.Length != (long)width * height * 3)
        {
            throw new ArgumentException("Not width × height × 3 bytes.", nameof(rgb));
        }

        Span<double> greys = stackalloc double[Columns * Rows];
        Shrink(rgb, width, height, greys);
        var hash = 0UL;
        for (var row = 0; row < Rows; row++)
        {
            for (var column = 1; column < Columns; column++)
            {
                var at = row * Columns + column;
                hash = hash << 1 | (greys[at] < greys[at - 1] ? 1UL : 0UL);
            }
        }

        return hash;
    }

    /// <summary>In how many of their 64 bits two hashes differ.</summary>
    public static int Distance(ulong a, ulong b) => BitOperations.PopCount(a ^ b);

    /// <summary>Means over areas. Cells of pictures smaller than the grid share pixels.</summary>
    private static void Shrink(ReadOnlySpan<byte> rgb, int width, int height, Span<double> greys)
    {
        for (var row = 0; row < Rows; row++)
        {
            var (top, bottom) = Cell(row, Rows, height);
            for (var column = 0; column < Columns; column++)
            {
                var (left, right) = Cell(column, Columns, width);
                var sum = 0L;
                for (var y = top; y < bottom; y++)
                {
                    var line = rgb.Slice((y * width + left) * 3, (right - left) * 3);
                    for (var x = 0; x < line.Length; x += 3)
                    {
                        sum += Luma(line[x], line[x + 1], line[x + 2]);
                    }
                }

                // Whole numbers: what differs by rounding alone must compare as equal.
                greys[row * Columns + column] = Math.Floor((double)sum / ((long)(bottom - top) * (right - left) * 1000));
            }
        }
    }

    private static (int From, int To) Cell(int index, int count, int length)
    {
        var from = (int)((long)index * length / count);
        return (from, Math.Max(from + 1, (int)((long)(index + 1) * length / count)));
    }

    // ITU-R BT.601, in thousandths.
    private static int Luma(byte red, byte green, byte blue) => 299 * red + 587 * green + 114 * blue;
}
