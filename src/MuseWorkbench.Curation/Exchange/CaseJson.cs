using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>Fields of a case in our own JSON, for the places where other formats leave room for more.</summary>
internal static class CaseJson
{
    /// <summary>As text in files: readable in any language, one line.</summary>
    public static JsonSerializerOptions Lines { get; } = new(MuseJson.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static JsonSerializerOptions Indented { get; } = new(Lines) { WriteIndented = true };

    /// <summary>Adds the named fields of a case that are not empty.</summary>
    public static void WriteRest(Case @case, JsonObject into, IReadOnlyCollection<string> names)
    {
        foreach (var (name, value) in JsonSerializer.SerializeToNode(@case, MuseJson.Options)!.AsObject().ToArray())
        {
            if (names.Contains(name) && value is not JsonArray { Count: 0 } && value?.ToString().Length > 0)
                into[name] = value.DeepClone();
        }
    }

    /// <summary>Regions as <see cref="WriteRest"/> writes them.</summary>
    /// <exception cref="MalformedRecordException">They are something else.</exception>
    public static ImmutableArray<Region> ReadRegions(JsonElement? element)
    {
        if (element is not { } value)
            return [];
        try
        {
            var regions = value.Deserialize<ImmutableArray<Region?>>(MuseJson.Options);
            return regions.IsDefault || regions.Any(region => region is null) ? throw new MalformedRecordException("A place in 'regions' is empty.") : [.. regions.OfType<Region>()];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new MalformedRecordException("'regions' is no list of places.");
        }
    }
}
