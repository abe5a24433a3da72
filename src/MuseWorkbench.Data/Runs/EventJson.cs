using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MuseWorkbench.Core;

namespace MuseWorkbench.Data.Runs;

/// <summary>An event's JSON as it is kept: without what its row's columns say. Fields added later read as their defaults.</summary>
internal static class EventJson
{
    private static readonly JsonSerializerOptions s_options = Create();

    public static StoredEvent Write(RunEvent e) =>
        new() { RunId = e.RunId, Seq = e.Seq, At = e.At, Json = JsonSerializer.Serialize(e, s_options) };

    /// <summary>Null where this program does not know the type: a newer one wrote it.</summary>
    public static RunEvent? Read(StoredEvent row)
    {
        try
        {
            return JsonSerializer.Deserialize<RunEvent>(row.Json, s_options) is { } e
                ? e with { RunId = row.RunId, Seq = row.Seq, At = row.At }
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { DropColumns } },
        };
        MuseJson.Configure(options);
        return options;
    }

    private static void DropColumns(JsonTypeInfo type)
    {
        if (!type.Type.IsAssignableTo(typeof(RunEvent)))
            return;
        for (var i = type.Properties.Count - 1; i >= 0; i--)
        {
            if (type.Properties[i].Name is "runId" or "seq" or "at")
                type.Properties.RemoveAt(i);
        }
    }
}
