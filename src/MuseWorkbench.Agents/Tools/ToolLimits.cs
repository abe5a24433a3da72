namespace MuseWorkbench.Agents.Tools;

/// <summary>What tools may cost at most; documented in docs/tools.md.</summary>
public static class ToolLimits
{
    /// <summary>Calls one turn may make, side by side.</summary>
    public const int CallsPerTurn = 8;

    /// <summary>Calls one agent may make over all its turns.</summary>
    public const int CallsPerAgent = 24;

    /// <summary>Pictures one agent may be given by tools.</summary>
    public const int PicturesPerAgent = 4;

    /// <summary>Turns one after another in which no call could be served, after which an agent is given up.</summary>
    public const int FaultyTurns = 3;

    /// <summary>Characters of a call's arguments.</summary>
    public const int ArgumentLength = 8_192;

    /// <summary>Characters of a result; the rest is cut off and the model told so.</summary>
    public const int ResultLength = 4_096;

    /// <summary>Items of a list given as an argument.</summary>
    public const int ListItems = 16;

    /// <summary>A box's coordinates run from 0 to this.</summary>
    public const int CoordinateScale = 1000;

    /// <summary>How long a call may take.</summary>
    public static readonly TimeSpan Time = TimeSpan.FromSeconds(20);
}
