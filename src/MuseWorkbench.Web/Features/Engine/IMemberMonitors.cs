namespace MuseWorkbench.Web.Features.Engine;

/// <summary>Engines by the names they have in the pool.</summary>
public interface IMemberMonitors
{
    /// <summary>What charts and tables read of a member; null where there is none of that name.</summary>
    INodeMonitor? Find(string? name);
}
