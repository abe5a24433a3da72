using MuseWorkbench.Web.Features.Workbench.State;

namespace MuseWorkbench.Web.Shared.Markdown;

/// <summary>Words <c>[Start, Start + Length)</c> of a Markdown text, as written, that name a region.</summary>
public readonly record struct MarkdownMark(int Start, int Length, RegionMark Mark)
{
    internal int End => Start + Length;
}
