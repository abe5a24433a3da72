namespace MuseWorkbench.Tests.Otlp;

/// <summary>A span as it was received.</summary>
internal sealed record OtlpSpan(
    string TraceId, string SpanId, string ParentId, string Name, int Kind, ulong Start, ulong End, int StatusCode,
    IReadOnlyDictionary<string, object> Attributes, IReadOnlyDictionary<string, object> Resource, string Scope)
{
    public double Milliseconds => (End - Start) / 1e6;

    public static IEnumerable<OtlpSpan> Read(ProtoMessage export) =>
        from resource in export.Messages(1)
        let about = OtlpValues.Attributes(resource.Message(1), 1)
        from scope in resource.Messages(2)
        from span in scope.Messages(2)
        select new OtlpSpan(
            span.Hex(1), span.Hex(2), span.Hex(4), span.Text(5), (int)span.Number(6), span.Number(7), span.Number(8),
            (int)(span.Message(15)?.Number(3) ?? 0), OtlpValues.Attributes(span, 9), about, scope.Message(1)?.Text(1) ?? "");
}

/// <summary>One series of a metric as it was received: a number, or a histogram's count, sum and buckets.</summary>
internal sealed record OtlpPoint(
    string Metric, string Unit, bool Histogram, double Value, long Count, IReadOnlyList<double> Bounds, IReadOnlyList<long> Buckets,
    IReadOnlyDictionary<string, object> Attributes, IReadOnlyDictionary<string, object> Resource)
{
    public static IEnumerable<OtlpPoint> Read(ProtoMessage export) =>
        from resource in export.Messages(1)
        let about = OtlpValues.Attributes(resource.Message(1), 1)
        from scope in resource.Messages(2)
        from metric in scope.Messages(2)
        from point in Points(metric, about)
        select point;

    private static IEnumerable<OtlpPoint> Points(ProtoMessage metric, IReadOnlyDictionary<string, object> about)
    {
        var (name, unit) = (metric.Text(1), metric.Text(3));
        var numbers = metric.Messages(5).Concat(metric.Messages(7)).SelectMany(data => data.Messages(1));
        var histograms = metric.Messages(9).SelectMany(data => data.Messages(1));
        return
        [
            .. numbers.Select(p => new OtlpPoint(name, unit, false, p.Has(6) ? (long)p.Number(6) : p.Double(4), 0, [], [], OtlpValues.Attributes(p, 7), about)),
            .. histograms.Select(p => new OtlpPoint(
                name, unit, true, p.Double(5), (long)p.Number(4), [.. p.Fixed64s(7).Select(BitConverter.UInt64BitsToDouble)],
                [.. p.Fixed64s(6).Select(n => (long)n)], OtlpValues.Attributes(p, 9), about)),
        ];
    }
}

internal static class OtlpValues
{
    public static IReadOnlyDictionary<string, object> Attributes(ProtoMessage? message, int field) =>
        message?.Messages(field).ToDictionary(pair => pair.Text(1), pair => Value(pair.Message(2)!)) ?? [];

    private static object Value(ProtoMessage value) =>
        value.Has(2) ? value.Number(2) != 0
        : value.Has(3) ? (long)value.Number(3)
        : value.Has(4) ? value.Double(4)
        : value.Message(5) is { } list ? string.Join(",", list.Messages(1).Select(Value))
        : value.Text(1);
}
