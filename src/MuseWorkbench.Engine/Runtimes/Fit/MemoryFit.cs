using System.Globalization;

namespace MuseWorkbench.Engine.Runtimes.Fit;

/// <summary>Says before loading what can't fit, with the numbers, and what would.</summary>
internal static class MemoryFit
{
    private const int LeastCells = 512;

    /// <summary>What is wrong with loading it, in words; null where it fits.</summary>
    /// <param name="estimate">Memory for a number of cells.</param>
    /// <param name="cells">As wanted.</param>
    /// <param name="free">Bytes that can be had.</param>
    /// <param name="total">Bytes the machine or device has.</param>
    /// <param name="mapped">Whether weights are pages of their file, which the system gives back where it must: they need room in all, not free room.</param>
    public static string? Refuse(Func<int, MemoryParts> estimate, int cells, long free, long total, bool mapped)
    {
        var wanted = estimate(cells);
        if (Fits(wanted, free, total, mapped))
        {
            return null;
        }

        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"It would take about {Gib(wanted.Total)} GiB ({Gib(wanted.Weights + wanted.Packed)} for weights, {Gib(wanted.Kv)} for {cells} KV cells, {Gib(wanted.Compute + wanted.Output)} for computing); {Gib(free)} GiB of {Gib(total)} are free.");
        return Largest(LeastCells, cells) is { } most
            ? string.Create(CultureInfo.InvariantCulture, $"{text} With {most} cells it would fit (Engine:ContextSize).")
            : $"{text} It does not fit with {LeastCells} cells either.";

        // A multiple of 256, as caches are.
        int? Largest(int low, int high)
        {
            (low, high) = (low / 256, high / 256);
            if (!Fits(estimate(low * 256), free, total, mapped))
            {
                return null;
            }

            while (high - low > 1)
            {
                var middle = (low + high) / 2;
                (low, high) = Fits(estimate(middle * 256), free, total, mapped) ? (middle, high) : (low, middle);
            }

            return low * 256;
        }
    }

    /// <summary>Whether it can be had; for the parameters see <see cref="Refuse"/>.</summary>
    public static bool Fits(MemoryParts parts, long free, long total, bool mapped) => mapped ? parts.Allocated <= free && parts.Total <= total : parts.Total <= free;

    /// <summary>How many layers fit on a device, weights and cells of each alike; −1 for all.</summary>
    /// <param name="wanted">For all of it.</param>
    /// <param name="free">On the device.</param>
    public static int Layers(MemoryParts wanted, int layers, long free)
    {
        if (wanted.Total <= free)
        {
            return -1;
        }

        // What computing takes is there with the first layer.
        var each = Math.Max(1, (wanted.Weights + wanted.Kv) / layers);
        return (int)Math.Clamp((free - wanted.Compute - wanted.Output) / each, 0, layers);
    }

    private static string Gib(long bytes) => (bytes / (double)(1L << 30)).ToString(bytes < 1L << 28 ? "0.000" : "0.0", CultureInfo.InvariantCulture);
}
