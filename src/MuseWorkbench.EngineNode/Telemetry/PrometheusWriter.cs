using System.Globalization;
using System.Text;
using MuseWorkbench.Engine.Telemetry;

namespace MuseWorkbench.EngineNode.Telemetry;

/// <summary>Writes metric families in Prometheus' text format (0.0.4), each with one HELP and one TYPE before its samples.</summary>
/// <param name="prefix">Before every name.</param>
/// <param name="labels">On every sample.</param>
internal sealed class PrometheusWriter(string prefix, params (string Name, string Value)[] labels)
{
    private readonly StringBuilder _text = new(24 * 1024);

    public override string ToString() => _text.ToString();

    public void Gauge(string name, string help, double value) => Family(name, "gauge", help).Sample(value);

    public void Counter(string name, string help, double value) => Family(name, "counter", help).Sample(value);

    public void Gauges(string name, string help, string label, params IEnumerable<(string Value, double Number)> samples) =>
        Family(name, "gauge", help).Samples(label, samples);

    public void Counters(string name, string help, string label, params IEnumerable<(string Value, double Number)> samples) =>
        Family(name, "counter", help).Samples(label, samples);

    /// <summary>A gauge that is always 1: what counts is in its labels.</summary>
    public void Info(string name, string help, params (string Name, string Value)[] facts) => Family(name, "gauge", help).Sample(1, facts);

    public void Histogram(string name, string help, HistogramSnapshot histogram)
    {
        var family = Family(name, "histogram", help);
        var running = 0L;
        for (var i = 0; i < histogram.Counts.Count; i++)
        {
            running += histogram.Counts[i];
            family.Part("_bucket", running, ("le", i < histogram.Bounds.Count ? Number(histogram.Bounds[i]) : "+Inf"));
        }

        family.Part("_sum", histogram.Sum);
        // Of the buckets, not counted apart: a scrape must never find them at odds.
        family.Part("_count", running);
    }

    private FamilyWriter Family(string name, string type, string help)
    {
        _text.Append(CultureInfo.InvariantCulture, $"# HELP {prefix}{name} {EscapeHelp(help)}\n# TYPE {prefix}{name} {type}\n");
        return new FamilyWriter(this, prefix + name);
    }

    private void Line(string name, double value, ReadOnlySpan<(string Name, string Value)> more)
    {
        _text.Append(name);
        var separator = '{';
        foreach (var (label, text) in (ReadOnlySpan<(string, string)>)[.. labels, .. more])
        {
            _text.Append(separator).Append(CultureInfo.InvariantCulture, $"{label}=\"{EscapeLabel(text)}\"");
            separator = ',';
        }

        _text.Append(separator == '{' ? " " : "} ").Append(Number(value)).Append('\n');
    }

    private static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : value.ToString("R", CultureInfo.InvariantCulture);

    private static string EscapeLabel(string text) => EscapeHelp(text).Replace("\"", "\\\"", StringComparison.Ordinal);

    private static string EscapeHelp(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    /// <summary>Samples of one family.</summary>
    private readonly struct FamilyWriter(PrometheusWriter writer, string name)
    {
        public void Sample(double value, params ReadOnlySpan<(string, string)> more) => writer.Line(name, value, more);

        public void Part(string suffix, double value, params ReadOnlySpan<(string, string)> more) => writer.Line(name + suffix, value, more);

        public void Samples(string label, IEnumerable<(string Value, double Number)> samples)
        {
            foreach (var (value, number) in samples)
            {
                Sample(number, (label, value));
            }
        }
    }
}
