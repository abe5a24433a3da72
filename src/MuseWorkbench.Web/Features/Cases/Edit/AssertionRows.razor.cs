using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Components;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Cases;
using MuseWorkbench.Curation.Scoring;

namespace MuseWorkbench.Web.Features.Cases.Edit;

/// <summary>What an answer must satisfy: a row for each check, or all of them as JSON.</summary>
public sealed partial class AssertionRows
{
    private static readonly (string Name, FieldKind Kind) Weight = ("weight", FieldKind.Number), Threshold = ("threshold", FieldKind.Number),
        Channel = ("channel", FieldKind.Choice), Agent = ("agent", FieldKind.Number);

    private bool _asText;

    [Parameter, EditorRequired] public required AssertionList List { get; set; }

    /// <summary>The case's places, for checks of places.</summary>
    [Parameter] public IReadOnlyList<RegionForm> Regions { get; set; } = [];

    /// <summary>The expected answer, for a first check of it.</summary>
    [Parameter] public string Expected { get; set; } = "";

    [Parameter] public IReadOnlyList<CaseProblem> Problems { get; set; } = [];
    [Parameter] public bool IsReadOnly { get; set; }
    [Parameter] public EventCallback OnChanged { get; set; }

    private static string Camel(ScoreChannel channel) => JsonNamingPolicy.CamelCase.ConvertName(channel.ToString());

    /// <summary>A setting's name in words: <c>minIou</c> as <c>min iou</c>.</summary>
    private static string Word(string name) => string.Concat(name.Select(c => char.IsUpper(c) ? $" {char.ToLowerInvariant(c)}" : c.ToString()));

    private Task AddAsync()
    {
        var row = List.Add("icontains");
        row.Set("value", FieldKind.Lines, Expected.Trim());
        return OnChanged.InvokeAsync();
    }

    private Task RemoveAsync(AssertionForm row)
    {
        List.Rows.Remove(row);
        return OnChanged.InvokeAsync();
    }

    private Task TypeAsync(AssertionForm row, ChangeEventArgs e)
    {
        row.SetType(e.Value as string ?? "", row.Not);
        return OnChanged.InvokeAsync();
    }

    private Task NotAsync(AssertionForm row, ChangeEventArgs e)
    {
        row.SetType(row.Type, e.Value is true);
        return OnChanged.InvokeAsync();
    }

    private Task SetAsync(AssertionForm row, (string Name, FieldKind Kind) field, ChangeEventArgs e)
    {
        row.Set(field.Name, field.Kind, e.Value as string ?? "");
        return OnChanged.InvokeAsync();
    }

    private Task FlagAsync(AssertionForm row, string name, ChangeEventArgs e)
    {
        row.Set(name, e.Value is true);
        return OnChanged.InvokeAsync();
    }

    private Task TakePlacesAsync(AssertionForm row)
    {
        var places = new JsonArray([.. Regions.Select(region => JsonSerializer.SerializeToNode(region.ToRegion(), MuseJson.Options))]);
        row.Set("value", FieldKind.Json, places.ToJsonString());
        return OnChanged.InvokeAsync();
    }

    private Task ReadAsync(ChangeEventArgs e)
    {
        List.Read(e.Value as string ?? "");
        return OnChanged.InvokeAsync();
    }

    private Task DropAsync()
    {
        List.DropText();
        _asText = false;
        return OnChanged.InvokeAsync();
    }
}
