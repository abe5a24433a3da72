using Bunit;
using Microsoft.Extensions.DependencyInjection;
using MuseWorkbench.Agents;
using MuseWorkbench.Agents.Pool;

namespace MuseWorkbench.Web.Tests.Components;

/// <summary>A renderer in which scripts answer nothing.</summary>
public abstract class WorkbenchBunit : BunitContext
{
    protected WorkbenchBunit()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddSingleton(TimeProvider.System);
        Services.AddMuseAgents();
        Services.AddSingleton(new AgentPool(PlacementPolicies.Default, TimeProvider.System));
    }
}
