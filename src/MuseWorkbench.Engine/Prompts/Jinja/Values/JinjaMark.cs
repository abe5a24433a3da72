namespace MuseWorkbench.Engine.Prompts.Jinja.Values;

/// <summary>A range of a text that is not the template's own.</summary>
/// <param name="Start">First character.</param>
/// <param name="End">After the last.</param>
/// <param name="Source">Number of the message it comes from; −1 for tools, variables and the like.</param>
/// <param name="Image">Number of the image that stands there, in place of one character; −1 for text.</param>
internal readonly record struct JinjaMark(int Start, int End, int Source, int Image = -1)
{
    public bool IsImage => Image >= 0;

    /// <summary>Whether a range that begins where this ends is more of the same.</summary>
    public bool Continues(JinjaMark next) => !IsImage && !next.IsImage && End == next.Start && Source == next.Source;
}
