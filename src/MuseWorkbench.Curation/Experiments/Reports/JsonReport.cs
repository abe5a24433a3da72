using System.Buffers;
using System.Text.Json;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Experiments.Results;

namespace MuseWorkbench.Curation.Experiments.Reports;

/// <summary>Everything, cells one after another.</summary>
internal static class JsonReport
{
    public static async Task WriteAsync(ExperimentResults results, IReadOnlyList<CaseKey> cases, IEnumerable<ExperimentCell> cells, Stream into, CancellationToken cancellationToken)
    {
        // By way of a buffer: the serializer flushes as it likes, and a response takes no writes that block.
        var buffer = new ArrayBufferWriter<byte>(1 << 16);
        await using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("format", "muse-experiment");
        json.WriteNumber("version", 1);
        json.WritePropertyName("experiment");
        JsonSerializer.Serialize(json, results.Experiment, MuseJson.Options);
        json.WritePropertyName("results");
        JsonSerializer.Serialize(json, ReportShape.Of(results), MuseJson.Options);
        json.WriteStartArray("cases");
        foreach (var @case in cases)
            JsonSerializer.Serialize(json, @case, MuseJson.Options);
        json.WriteEndArray();
        json.WriteStartArray("cells");
        foreach (var some in cells.Chunk(200))
        {
            foreach (var cell in some)
                JsonSerializer.Serialize(json, cell, MuseJson.Options);
            await PassOnAsync();
        }
        json.WriteEndArray();
        json.WriteEndObject();
        await PassOnAsync();

        async Task PassOnAsync()
        {
            await json.FlushAsync(cancellationToken);
            await into.WriteAsync(buffer.WrittenMemory, cancellationToken);
            buffer.ResetWrittenCount();
        }
    }
}
