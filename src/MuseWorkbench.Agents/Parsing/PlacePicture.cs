namespace MuseWorkbench.Agents.Parsing;

/// <summary>Which of the pictures in a conversation a place is in, as far as the text says.</summary>
/// <param name="Index">From 0, in the order in which they were shown; below 0 where the text gives no number.</param>
public readonly record struct PlacePicture(int Index)
{
    /// <summary>The text says nothing of pictures.</summary>
    public static PlacePicture Unnamed => new(-1);

    /// <summary>The second of two, a part of the first.</summary>
    public static PlacePicture CloseUp => new(-2);

    /// <summary>The text speaks of more than one picture, and not of which one here.</summary>
    public static PlacePicture Uncertain => new(-3);
}
