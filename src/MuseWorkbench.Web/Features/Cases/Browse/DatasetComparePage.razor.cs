using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Components;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.Course;

namespace MuseWorkbench.Web.Features.Cases.Browse;

/// <summary>What one version of a dataset holds that another doesn't.</summary>
public sealed partial class DatasetComparePage
{
    /// <summary>Most cases of a list that are named.</summary>
    private const int Most = 200;

    /// <summary>Longest text of a field that is compared word by word.</summary>
    private const int MostText = 20_000;

    private static readonly JsonSerializerOptions s_readable = new(MuseJson.Options) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Dictionary<string, IReadOnlyList<(string Name, ImmutableArray<DiffPiece> Pieces)>> _opened = new(StringComparer.Ordinal);
    private Dataset? _dataset;
    private DatasetDiff? _diff;
    private int? _from, _to;
    private bool _missing;

    [Inject] public required ICaseStore Store { get; init; }
    [Inject] public required NavigationManager Navigation { get; init; }
    [Parameter] public Guid DatasetId { get; set; }
    [SupplyParameterFromQuery(Name = "from")] public string? From { get; set; }
    [SupplyParameterFromQuery(Name = "to")] public string? To { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        (_from, _to) = (Number(From), Number(To));
        _diff = null;
        _opened.Clear();
        _dataset = await Store.FindAsync(DatasetId);
        _missing = _dataset is null;
        if (_dataset is not null)
            _diff = await Store.DiffAsync(DatasetId, _from, _to);
    }

    private static int? Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static int? Read(ChangeEventArgs e) => Number(e.Value as string);

    private void Go(int? from, int? to) => Navigation.NavigateTo(CaseListAddress.Compare(DatasetId, from, to));

    private async Task OpenAsync(CaseChange change)
    {
        if (_opened.ContainsKey(change.CaseId))
            return;
        var (before, after) = (await Store.GetAsync(DatasetId, change.CaseId, _from), await Store.GetAsync(DatasetId, change.CaseId, _to));
        if (before is null || after is null)
            return;
        var (old, now) = (JsonSerializer.SerializeToElement(before, MuseJson.Options), JsonSerializer.SerializeToElement(after, MuseJson.Options));
        _opened[change.CaseId] = [.. change.Fields.Select(name => (name, DiffPiece.Between(Readable(old, name), Readable(now, name))))];
    }

    private static string Readable(JsonElement @case, string name)
    {
        if (!@case.TryGetProperty(name, out var value))
            return "";
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : JsonSerializer.Serialize(value, s_readable);
        return text.Length <= MostText ? text : text[..MostText];
    }
}
