namespace MuseWorkbench.Web.Features.Engine;

/// <summary>How the local engine node is run. Configuration section <c>Node</c>; what the node is told about its model is section <c>Engine</c>.</summary>
public sealed class NodeOptions
{
    /// <summary>Whether a node is started with the workbench; otherwise it waits to be asked for.</summary>
    public bool Start { get; set; } = true;

    /// <summary>The node's assembly or executable; empty for the one built or published beside this program.</summary>
    public string? Assembly { get; set; }

    /// <summary>Seconds a run waits for a node that is loading or starting again.</summary>
    public double WaitSeconds { get; set; } = 60;
}
