using Microsoft.AspNetCore.Components;

namespace MuseWorkbench.Web.Shared.Markdown;

/// <summary>
/// What a model wrote, as Markdown: elements built here, never markup of the model's. Pictures are not loaded, and
/// what is no http, https or mailto link is text.
/// </summary>
public sealed partial class MarkdownText : ComponentBase
{
    private readonly MarkdownBlocks _blocks = new();

    [Parameter, EditorRequired] public required string Text { get; set; }
    /// <summary>Words that name a region, in the order they stand.</summary>
    [Parameter] public IReadOnlyList<MarkdownMark> Marks { get; set; } = [];

    protected override void OnParametersSet() => _blocks.Update(Text);

    private IReadOnlyList<MarkdownMark> Within(MarkdownBlocks.Part part) => Marks.Count == 0
        ? []
        : [.. Marks.Where(mark => mark.Start < part.Start + part.Text.Length && mark.End > part.Start).Select(mark => mark with { Start = mark.Start - part.Start })];
}
