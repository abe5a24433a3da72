using Microsoft.AspNetCore.Components;
using MuseWorkbench.Web.Features.Workbench.State;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Workbench.Panels;

/// <summary>A text flow's pieces: words, words that name a region, tool calls in place; words with Markdown as that.</summary>
public sealed partial class FlowText : LiveComponent
{
    [Parameter, EditorRequired] public required IReadOnlyList<FlowItem> Items { get; set; }
    /// <summary>Changes whenever <see cref="Items"/> did.</summary>
    [Parameter, EditorRequired] public required long Version { get; set; }

    protected override object Stamp => (Items, Version);

    private IEnumerable<FlowPassage> Passages() => FlowPassage.Of(Items);
}
