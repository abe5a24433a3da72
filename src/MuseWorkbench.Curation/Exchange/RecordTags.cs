using System.Collections.Immutable;
using System.Text.Json;
using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>Fields that a case has no place for become tags where they are short words; the others are named in a note.</summary>
internal static class RecordTags
{
    private const int MaxValueLength = 40;

    /// <summary>Tags of the fields that are none of <paramref name="known"/>.</summary>
    public static ImmutableArray<string> Of(IEnumerable<JsonProperty> fields, IReadOnlySet<string> known, CaseIntake intake)
    {
        var tags = ImmutableArray.CreateBuilder<string>();
        foreach (var field in fields)
        {
            if (known.Contains(field.Name) || field.Value.ValueKind == JsonValueKind.Null)
                continue;
            var value = field.Value.ValueKind == JsonValueKind.String ? JsonFields.ToText(field.Value, field.Name).Trim() : null;
            if (value is { Length: > 0 and <= MaxValueLength } && field.Name.Length + 1 + value.Length <= CaseLimits.TagLength && !value.Any(char.IsControl) && !field.Name.Any(char.IsControl))
                tags.Add($"{field.Name}:{value}");
            else
                intake.Note($"'{FileNames.Show(field.Name)}' is not kept.");
        }
        return tags.ToImmutable();
    }
}
