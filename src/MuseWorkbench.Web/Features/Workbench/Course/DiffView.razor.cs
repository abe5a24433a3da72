using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.Components;
using MuseWorkbench.Web.Features.Workbench.State;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Workbench.Course;

/// <summary>Any two agents word by word: what only the first said is struck out, what only the second said is underlined.</summary>
public sealed partial class DiffView : LiveComponent
{
    [Parameter, EditorRequired] public required RunViewModel Run { get; set; }
    /// <summary>The run the second agent is of; null where both are of one run.</summary>
    [Parameter] public RunViewModel? Other { get; set; }
    [Parameter] public int A { get; set; }
    [Parameter] public int B { get; set; }
    [Parameter] public EventCallback<(int A, int B)> OnPick { get; set; }

    protected override object Stamp => (Run, Other, A, B, First?.Version, Second?.Version, Run.Agents.Length, Others.Length);

    private AgentViewModel? First => A >= 0 && A < Run.Agents.Length ? Run.Agents[A] : null;

    private AgentViewModel? Second => B >= 0 && B < Others.Length ? Others[B] : null;

    private ImmutableArray<AgentViewModel> Others => (Other ?? Run).Agents;

    private ImmutableArray<(string What, ImmutableArray<DiffPiece> Pieces)> Parts { get; set; } = [];

    private string Counts
    {
        get
        {
            var changes = Parts.SelectMany(part => part.Pieces).Where(piece => piece.Kind != DiffKind.Same).ToArray();
            return changes.Length == 0 ? "the same words" : $"{Words(DiffKind.Removed)} only in the first, {Words(DiffKind.Added)} only in the second";

            int Words(DiffKind kind) => changes.Where(piece => piece.Kind == kind).Sum(piece => piece.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length);
        }
    }

    protected override bool ShouldRender()
    {
        var render = base.ShouldRender();
        if (render)
        {
            Compare();
        }

        return render;
    }

    protected override void OnInitialized() => Compare();

    private void Compare() => Parts = First is { } first && Second is { } second
        ? [("Reasoning", DiffPiece.Between(first.Reasoning.ToString(), second.Reasoning.ToString())), ("Answer", DiffPiece.Between(first.Answer.ToString(), second.Answer.ToString()))]
        : [];

    private string Label(AgentViewModel agent) => Run.Stages > 1 || Other?.Stages > 1 ? $"{agent.Name} (stage {agent.Stage})" : agent.Name;

    private Task Pick(ChangeEventArgs e, bool first) =>
        int.TryParse(e.Value as string, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? OnPick.InvokeAsync(first ? (index, B) : (A, index)) : Task.CompletedTask;
}
