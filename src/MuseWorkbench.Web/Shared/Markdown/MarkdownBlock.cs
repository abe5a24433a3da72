using Markdig.Syntax;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace MuseWorkbench.Web.Shared.Markdown;

/// <summary>One block of a Markdown text; read and rendered again only where it changed.</summary>
public sealed class MarkdownBlock : ComponentBase
{
    private string? _read;
    private IReadOnlyList<MarkdownMark> _marked = [];
    private MarkdownDocument? _document;
    private bool _changed;

    [Parameter, EditorRequired] public required string Text { get; set; }
    /// <summary>In the order they stand, none over another.</summary>
    [Parameter, EditorRequired] public required IReadOnlyList<MarkdownMark> Marks { get; set; }

    protected override void OnParametersSet()
    {
        var isNew = Text != _read;
        _changed = isNew || !Marks.SequenceEqual(_marked);
        if (isNew)
        {
            _document = MarkdownSyntax.Parse(Text);
        }

        (_read, _marked) = (Text, Marks);
    }

    protected override bool ShouldRender() => _changed;

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        var tree = new MarkdownTree(builder, Text, Marks);
        if (_document is null)
        {
            tree.AddPlain();
            return;
        }

        foreach (var block in _document)
        {
            tree.Add(block);
        }
    }
}
