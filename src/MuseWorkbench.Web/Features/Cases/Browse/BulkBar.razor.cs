using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;

namespace MuseWorkbench.Web.Features.Cases.Browse;

/// <summary>What can be done with the cases selected.</summary>
public sealed partial class BulkBar
{
    private BulkVerb _verb;
    private string _word = "";
    private bool _deleting;

    [Parameter] public int Selected { get; set; }
    [Parameter] public int Total { get; set; }
    [Parameter] public bool IsAll { get; set; }
    [Parameter] public ImmutableArray<string> Tags { get; set; } = [];
    [Parameter] public ImmutableArray<string> Splits { get; set; } = [];

    /// <summary>What is being done; null while nothing is.</summary>
    [Parameter] public string? Busy { get; set; }

    [Parameter] public EventCallback OnAll { get; set; }
    [Parameter] public EventCallback OnClear { get; set; }
    [Parameter] public EventCallback<BulkChange> OnChange { get; set; }
    [Parameter] public EventCallback OnDelete { get; set; }
    [Parameter] public EventCallback OnCancel { get; set; }

    private Task ApplyAsync()
    {
        var word = _word.Trim();
        return _verb == BulkVerb.SetSplit || word.Length > 0 ? OnChange.InvokeAsync(new BulkChange(_verb, word)) : Task.CompletedTask;
    }

    private Task DeleteAsync()
    {
        _deleting = false;
        return OnDelete.InvokeAsync();
    }
}
