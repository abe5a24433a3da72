using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.Components;
using MuseWorkbench.Core;
using MuseWorkbench.Data.Runs;

namespace MuseWorkbench.Web.Features.Runs.List;

/// <summary>One run of the list; tags, rating and notes are changed in place.</summary>
public sealed partial class RunRow
{
    private int _added;
    private bool _noting;

    [Inject] public required IRunCatalog Catalog { get; init; }
    [Inject] public required TimeProvider Time { get; init; }
    [Parameter, EditorRequired] public required RunRecord Run { get; set; }
    [Parameter] public bool IsChosen { get; set; }
    [Parameter] public EventCallback<bool> OnChosen { get; set; }
    [Parameter] public EventCallback OnDelete { get; set; }
    [Parameter] public EventCallback<string> OnTag { get; set; }
    /// <summary>Something of the run was changed.</summary>
    [Parameter] public EventCallback OnChanged { get; set; }

    private (string Text, string? Class) Outcome => RunOutcomes.Describe(Run.Outcome);

    private string Tip => $"{Run.Strategy}, {Run.Agents} {(Run.Agents == 1 ? "agent" : "agents")}{(Run.Models.IsEmpty ? "" : $", {string.Join(", ", Run.Models)}")}";

    /// <summary>Today's by the time, others by the day.</summary>
    private string Started => Run.StartedAt.Date == Time.GetUtcNow().Date
        ? Run.StartedAt.ToString("HH:mm", CultureInfo.InvariantCulture)
        : Run.StartedAt.ToString("d MMM yyyy", CultureInfo.InvariantCulture);

    private Task AddTagAsync(ChangeEventArgs e)
    {
        _added++; // the next tag is written into a new, empty field
        var tags = (e.Value as string ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return tags.Length == 0 ? Task.CompletedTask : TagAsync(Run.Tags.AddRange(tags));
    }

    private async Task TagAsync(ImmutableArray<string> tags)
    {
        await Catalog.SetTagsAsync(Run.RunId, tags, CancellationToken.None);
        await OnChanged.InvokeAsync();
    }

    private async Task RateAsync(int stars)
    {
        // The star that is set takes the rating away.
        await Catalog.RateAsync(Run.RunId, Run.Rating == stars ? null : stars, CancellationToken.None);
        await OnChanged.InvokeAsync();
    }

    private async Task NoteAsync(ChangeEventArgs e)
    {
        await Catalog.SetNotesAsync(Run.RunId, e.Value as string ?? "", CancellationToken.None);
        await OnChanged.InvokeAsync();
    }
}
