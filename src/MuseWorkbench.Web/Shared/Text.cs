namespace MuseWorkbench.Web.Shared;

/// <summary>Small helpers for text that was written by people and models.</summary>
public static class Text
{
    /// <summary>At most <paramref name="length"/> UTF-16 units, on one line, an ellipsis where it was cut; never half a surrogate pair.</summary>
    public static string Shorten(string text, int length)
    {
        ArgumentNullException.ThrowIfNull(text);
        var line = text.ReplaceLineEndings(" ").Trim();
        if (line.Length <= length)
        {
            return line;
        }

        var cut = char.IsHighSurrogate(line[length - 1]) ? length - 1 : length;
        return line[..cut].TrimEnd() + "…";
    }
}
