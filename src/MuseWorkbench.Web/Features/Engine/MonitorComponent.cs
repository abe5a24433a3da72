using Microsoft.AspNetCore.Components;

namespace MuseWorkbench.Web.Features.Engine;

/// <summary>A component that shows an engine: the one around it names, else this machine's.</summary>
public abstract class MonitorComponent : ComponentBase
{
    [Inject] public required INodeMonitor Local { get; init; }

    /// <summary>Fixed for the component's life: whoever shows another engine makes new components.</summary>
    [CascadingParameter] public INodeMonitor? Chosen { get; set; }

    protected INodeMonitor Monitor => Chosen ?? Local;
}
