namespace MuseWorkbench.Web.Features.Workbench.Viewer;

/// <summary>Which boxes the image shows while nothing is pointed at.</summary>
public enum BoxMode
{
    /// <summary>One outline for each thing, in the colours of the agents that named it.</summary>
    Merged,
    /// <summary>Every agent's own box.</summary>
    All,
    Off,
}
