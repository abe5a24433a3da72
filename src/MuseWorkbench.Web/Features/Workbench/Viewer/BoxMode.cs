namespace MuseWorkbench.Web.Features.Workbench.Viewer;

/// <summary>Which places the image shows while nothing is pointed at.</summary>
public enum BoxMode
{
    /// <summary>One outline for each thing, in the colours of the agents that named it.</summary>
    Merged,
    /// <summary>Every agent's own.</summary>
    All,
    /// <summary>One agent's, numbered in the order it looked at them.</summary>
    Order,
    /// <summary>How many agents look where.</summary>
    Heat,
    Off,
}
