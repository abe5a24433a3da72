namespace MuseWorkbench.Web.Shared;

/// <summary>The sixteen agent colours; each is a class that sets <c>--c</c> (the colour) and <c>--ci</c> (ink upon it). See <c>css/tokens.css</c>.</summary>
public static class AgentPalette
{
    public const int Size = 16;

    /// <summary>The class of a team's lead, who is none of the sixteen.</summary>
    public const string Lead = "aglead";

    private static readonly string[] s_classes = [.. Enumerable.Range(1, Size).Select(number => $"ag{number}")];

    // As in css/tokens.css, for files that leave the pages behind.
    private static readonly (string Colour, string Ink)[] s_light =
    [
        ("#2f6fde", "#ffffff"), ("#c84f0a", "#ffffff"), ("#0b7f57", "#ffffff"), ("#b1418f", "#ffffff"),
        ("#a07400", "#0b1020"), ("#0a7f9c", "#ffffff"), ("#c9344b", "#ffffff"), ("#7554e0", "#ffffff"),
        ("#1f3f8f", "#ffffff"), ("#7d4a21", "#ffffff"), ("#56701a", "#ffffff"), ("#d6609a", "#0b1020"),
        ("#59647a", "#ffffff"), ("#0b5e63", "#ffffff"), ("#7a1f3d", "#ffffff"), ("#432f8f", "#ffffff"),
    ];

    /// <summary>A class's colour and the ink upon it in the light theme, as <c>#rrggbb</c>; the lead's for any other class.</summary>
    public static (string Colour, string Ink) Light(string agentClass) =>
        Array.IndexOf(s_classes, agentClass) is var index and >= 0 ? s_light[index] : ("#3c4558", "#ffffff");

    /// <summary>The class for the agent with this index (from 0).</summary>
    public static string Class(int agent) => s_classes[((agent % Size) + Size) % Size];
}
