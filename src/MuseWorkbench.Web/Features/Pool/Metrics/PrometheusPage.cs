using System.Globalization;

namespace MuseWorkbench.Web.Features.Pool.Metrics;

/// <summary>A page of metrics in Prometheus' text format. Lines that can't be read are left out.</summary>
internal sealed class PrometheusPage
{
    private readonly Dictionary<string, double> _sums = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedDictionary<double, double>> _buckets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _labels = new(StringComparer.Ordinal);

    public static PrometheusPage Parse(string text)
    {
        var page = new PrometheusPage();
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.Length > 0 && line[0] != '#')
                page.Read(line);
        }

        return page;
    }

    /// <summary>A metric's value, summed over its labels; null where the page has none of that name.</summary>
    public double? this[string name] => _sums.TryGetValue(name, out var value) ? value : null;

    /// <summary>A metric's labels as written, of its last line; null where it has none.</summary>
    public string? Labels(string name) => _labels.GetValueOrDefault(name);

    /// <summary>A histogram's cumulative counts by upper bound, ascending; empty where there is none.</summary>
    public IReadOnlyDictionary<double, double> Buckets(string name) => _buckets.GetValueOrDefault(name) ?? [];

    /// <summary>One label of a set as written.</summary>
    public static string? Label(string? labels, string name)
    {
        var at = labels?.IndexOf(name + "=\"", StringComparison.Ordinal) ?? -1;
        if (at < 0)
            return null;
        var start = at + name.Length + 2;
        var end = labels!.IndexOf('"', start);
        return end < 0 ? null : labels[start..end];
    }

    private void Read(ReadOnlySpan<char> line)
    {
        var open = line.IndexOf('{');
        var close = line.LastIndexOf('}');
        var nameEnd = open >= 0 ? open : line.IndexOf(' ');
        if (nameEnd <= 0 || (open >= 0 && close < open))
            return;
        var name = line[..nameEnd].ToString();
        var rest = line[(open >= 0 ? close + 1 : nameEnd)..].Trim();
        // A time may follow the value.
        var end = rest.IndexOf(' ');
        if (!double.TryParse(end < 0 ? rest : rest[..end], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value))
            return;
        var labels = open >= 0 ? line[(open + 1)..close].ToString() : null;
        if (name.EndsWith("_bucket", StringComparison.Ordinal) && Label(labels, "le") is { } bound)
        {
            var upper = bound == "+Inf" ? double.PositiveInfinity
                : double.TryParse(bound, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) ? parsed : double.NaN;
            if (double.IsNaN(upper))
                return;
            var histogram = name[..^"_bucket".Length];
            var buckets = _buckets.TryGetValue(histogram, out var known) ? known : _buckets[histogram] = [];
            buckets[upper] = buckets.GetValueOrDefault(upper) + value;
            return;
        }

        _sums[name] = _sums.GetValueOrDefault(name) + value;
        if (labels is not null)
            _labels[name] = labels;
    }
}
