using System.Numerics;
using System.Numerics.Tensors;
using MuseWorkbench.Core;

namespace MuseWorkbench.Engine.Images;

/// <summary>Brings RGB pixels onto a model's canvas.</summary>
internal static class Resampler
{
    private const int Bands = 3;

    /// <summary>
    /// The image smoothed as it shrinks (each canvas pixel is a weighted mean of the pixels it covers, by a triangle),
    /// on a ground of the mean colour of its border. An image of the right size is copied.
    /// </summary>
    public static byte[] Smooth(RgbImage image, ModelCanvas canvas)
    {
        var source = image.Pixels.Span;
        var target = new byte[canvas.Width * canvas.Height * Bands];
        if (canvas.ImageWidth != canvas.Width || canvas.ImageHeight != canvas.Height)
        {
            Fill(target, BorderColour(source, image.Width, image.Height));
        }

        var columns = Triangle(image.Width, canvas.ImageWidth);
        var rows = Triangle(image.Height, canvas.ImageHeight);
        var stride = image.Width * Bands;
        var row = new float[stride];
        var sum = new float[stride];
        for (var y = 0; y < canvas.ImageHeight; y++)
        {
            // Rows first: long runs that vectorise, and few rows are left for the columns.
            var (first, weights) = rows[y];
            Array.Clear(sum);
            for (var i = 0; i < weights.Length; i++)
            {
                Widen(source.Slice((first + i) * stride, stride), row);
                TensorPrimitives.MultiplyAdd(row, weights[i], sum, sum);
            }

            var line = target.AsSpan((((canvas.Top + y) * canvas.Width) + canvas.Left) * Bands);
            for (var x = 0; x < columns.Length; x++)
            {
                WriteMean(sum, columns[x].First, columns[x].Weights, line[(x * Bands)..]);
            }
        }

        return target;
    }

    /// <summary>
    /// Four-neighbour interpolation with corners on corners, no smoothing, truncation to whole levels and a black
    /// ground: what llama.cpp does, so that both show a model the same bytes.
    /// </summary>
    public static byte[] Bilinear(RgbImage image, ModelCanvas canvas)
    {
        var source = image.Pixels.Span;
        var target = new byte[canvas.Width * canvas.Height * Bands];
        var (width, height) = (image.Width, image.Height);
        var ratioX = canvas.ImageWidth > 1 ? (float)(width - 1) / (canvas.ImageWidth - 1) : 0;
        var ratioY = canvas.ImageHeight > 1 ? (float)(height - 1) / (canvas.ImageHeight - 1) : 0;
        for (var y = 0; y < canvas.ImageHeight; y++)
        {
            var py = y * ratioY;
            var y0 = Math.Min((int)py, height - 1);
            var y1 = Math.Min(y0 + 1, height - 1);
            for (var x = 0; x < canvas.ImageWidth; x++)
            {
                var px = x * ratioX;
                var x0 = Math.Min((int)px, width - 1);
                var x1 = Math.Min(x0 + 1, width - 1);
                var at = (((canvas.Top + y) * canvas.Width) + canvas.Left + x) * Bands;
                for (var c = 0; c < Bands; c++)
                {
                    var top = Between(source[(((y0 * width) + x0) * Bands) + c], source[(((y0 * width) + x1) * Bands) + c], px - x0);
                    var bottom = Between(source[(((y1 * width) + x0) * Bands) + c], source[(((y1 * width) + x1) * Bands) + c], px - x0);
                    target[at + c] = (byte)Between(top, bottom, py - y0);
                }
            }
        }

        return target;

        static float Between(float start, float end, float share) => start + ((end - start) * share);
    }

    /// <summary>For each target position the source positions it draws on and their weights, which sum to 1.</summary>
    private static (int First, float[] Weights)[] Triangle(int source, int target)
    {
        var scale = (double)source / target;
        var reach = Math.Max(1, scale);
        var result = new (int, float[])[target];
        for (var i = 0; i < target; i++)
        {
            var centre = (i + 0.5) * scale;
            var first = Math.Max(0, (int)(centre - reach + 0.5));
            var weights = new double[Math.Min(source, (int)(centre + reach + 0.5)) - first];
            for (var j = 0; j < weights.Length; j++)
            {
                weights[j] = Math.Max(0, 1 - Math.Abs((first + j + 0.5 - centre) / reach));
            }

            var sum = weights.Sum();
            result[i] = (first, Array.ConvertAll(weights, w => (float)(w / sum)));
        }

        return result;
    }

    private static void WriteMean(float[] line, int first, float[] weights, Span<byte> pixel)
    {
        float r = 0, g = 0, b = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            var at = (first + i) * Bands;
            r += line[at] * weights[i];
            g += line[at + 1] * weights[i];
            b += line[at + 2] * weights[i];
        }

        (pixel[0], pixel[1], pixel[2]) = (Round(r), Round(g), Round(b));

        static byte Round(float level) => (byte)Math.Clamp(level + 0.5f, 0, 255);
    }

    private static void Widen(ReadOnlySpan<byte> levels, Span<float> values)
    {
        var i = 0;
        for (; i <= levels.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(levels[i..]), out var low, out var high);
            Vector.Widen(low, out var a, out var b);
            Vector.Widen(high, out var c, out var d);
            Vector.ConvertToSingle(a).CopyTo(values[i..]);
            Vector.ConvertToSingle(b).CopyTo(values[(i + Vector<float>.Count)..]);
            Vector.ConvertToSingle(c).CopyTo(values[(i + (2 * Vector<float>.Count))..]);
            Vector.ConvertToSingle(d).CopyTo(values[(i + (3 * Vector<float>.Count))..]);
        }

        for (; i < levels.Length; i++)
        {
            values[i] = levels[i];
        }
    }

    private static (byte R, byte G, byte B) BorderColour(ReadOnlySpan<byte> source, int width, int height)
    {
        long r = 0, g = 0, b = 0, count = 0;
        for (var y = 0; y < height; y++)
        {
            var step = y == 0 || y == height - 1 ? 1 : Math.Max(1, width - 1);
            for (var x = 0; x < width; x += step)
            {
                var at = ((y * width) + x) * Bands;
                r += source[at];
                g += source[at + 1];
                b += source[at + 2];
                count++;
            }
        }

        return (Mean(r), Mean(g), Mean(b));

        byte Mean(long sum) => (byte)((sum + (count / 2)) / count);
    }

    private static void Fill(Span<byte> target, (byte R, byte G, byte B) colour)
    {
        for (var at = 0; at < target.Length; at += Bands)
        {
            (target[at], target[at + 1], target[at + 2]) = colour;
        }
    }
}
