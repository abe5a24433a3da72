using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;

namespace MuseWorkbench.Core;

/// <summary>What two cases have in common, by content: their ids, where they came from and what their images are called don't count.</summary>
public static class CaseContent
{
    /// <summary>SHA-256 of the content, 64 lower-case hexadecimal digits.</summary>
    public static string Hash(Case @case) =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(Bare(@case), MuseJson.Options)));

    /// <summary>The fields in which two cases differ, by their JSON names, in the order of <see cref="Case"/>.</summary>
    public static ImmutableArray<string> ChangedFields(Case before, Case after)
    {
        var (old, now) = (Fields(before), Fields(after));
        return [.. s_order.Where(name => old.GetValueOrDefault(name) != now.GetValueOrDefault(name))];
    }

    private static readonly ImmutableArray<string> s_order =
        ["prompt", "images", "choices", "expected", "regions", "table", "assertions", "tags", "split", "notes"];

    private static Case Bare(Case @case)
    {
        ArgumentNullException.ThrowIfNull(@case);
        return @case with { Id = "", Provenance = null, Images = [.. @case.Images.Select(image => image with { Name = "" })] };
    }

    private static Dictionary<string, string> Fields(Case @case) =>
        JsonSerializer.SerializeToElement(Bare(@case), MuseJson.Options).EnumerateObject().ToDictionary(field => field.Name, field => field.Value.GetRawText());
}
