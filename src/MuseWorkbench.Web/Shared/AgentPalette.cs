namespace MuseWorkbench.Web.Shared;

/// <summary>The sixteen agent colours; each is a class that sets <c>--c</c> (the colour) and <c>--ci</c> (ink upon it). See <c>css/tokens.css</c>.</summary>
public static class AgentPalette
{
    public const int Size = 16;

    /// <summary>The class of a team's lead, who is none of the sixteen.</summary>
    public const string Lead = "aglead";

    private static readonly string[] s_classes = [.. Enumerable.Range(1, Size).Select(number => $"ag{number}")];

    /// <summary>The class for the agent with this index (from 0).</summary>
    public static string Class(int agent) => s_classes[((agent % Size) + Size) % Size];
}
