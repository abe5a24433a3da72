using Microsoft.AspNetCore.Components;
using MuseWorkbench.Web.Features.Workbench.State;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Workbench.Panels;

/// <summary>Why it took as long as it did: one lane an agent, from waiting to answer.</summary>
public sealed partial class Timeline : LiveComponent
{
    [Parameter, EditorRequired] public required RunViewModel Run { get; set; }
    [Parameter] public bool Folded { get; set; }

    // Five times a second is often enough for lanes.
    protected override object Stamp => (Run.RunId, (Run.AsOf ?? Run.LastAt).UtcTicks / (TimeSpan.TicksPerMillisecond * 200), Run.Finished is null, Run.Agents.Length);

    private TimelineModel Model { get; set; } = TimelineModel.Empty;

    protected override bool ShouldRender()
    {
        var render = base.ShouldRender();
        if (render)
        {
            Model = TimelineModel.From(Run);
        }

        return render;
    }

    protected override void OnInitialized() => Model = TimelineModel.From(Run);
}
