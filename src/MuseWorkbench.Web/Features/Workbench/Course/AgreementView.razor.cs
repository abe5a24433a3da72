using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using MuseWorkbench.Web.Features.Workbench.State;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Workbench.Course;

/// <summary>Who said what, grouped by answer, and where they part from the leader.</summary>
public sealed partial class AgreementView : LiveComponent
{
    [Parameter, EditorRequired] public required RunViewModel Run { get; set; }
    [Parameter] public EventCallback<int?> OnFocus { get; set; }

    /// <summary>Two agents are to be compared word by word, the leader first.</summary>
    [Parameter] public EventCallback<(int A, int B)> OnDiff { get; set; }

    protected override object Stamp => (Run, Run.VoteVersion, Run.Agents.Length, (Run.AsOf ?? Run.LastAt).UtcTicks / TimeSpan.TicksPerSecond);

    private ImmutableArray<AgreementGroup> Groups { get; set; } = [];

    private int All => Groups.Sum(group => group.Members.Length);

    protected override bool ShouldRender()
    {
        var render = base.ShouldRender();
        if (render)
        {
            Groups = AgreementGroup.From(Run);
        }

        return render;
    }

    protected override void OnInitialized() => Groups = AgreementGroup.From(Run);
}
