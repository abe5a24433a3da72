using System.Globalization;
using System.Text.RegularExpressions;

namespace MuseWorkbench.Engine.Runtimes.Fit;

/// <summary>What llama.cpp says it allocated, read from the lines it logs while loading: no function of its API gives it.</summary>
internal sealed partial class LoadReport
{
    private readonly Dictionary<string, double> _mebibytes = new(StringComparer.Ordinal);

    /// <summary>Takes one line of the log; most mean nothing here.</summary>
    public void Read(string line)
    {
        if (Buffer().Match(line) is { Success: true } match && double.TryParse(match.Groups["size"].ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture, out var size))
        {
            // One line for each device.
            var kind = match.Groups["device"].Value is WeightPacking.Amx or WeightPacking.Repack ? "packed" : match.Groups["kind"].Value;
            _mebibytes[kind] = _mebibytes.GetValueOrDefault(kind) + size;
        }
    }

    /// <summary>What was allocated; null where the log said nothing of weights or compute buffers.</summary>
    public MemoryParts? Parts => _mebibytes.ContainsKey("model") && _mebibytes.ContainsKey("compute")
        ? new(Bytes("model"), Bytes("packed"), Bytes("KV"), Bytes("compute"), Bytes("output"))
        : null;

    private long Bytes(string kind) => (long)(_mebibytes.GetValueOrDefault(kind) * (1 << 20));

    [GeneratedRegex(@"(?<device>\S+) +(?<kind>model|KV|compute|output) buffer size = +(?<size>[0-9.]+) MiB")]
    private static partial Regex Buffer();
}
