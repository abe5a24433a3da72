using Microsoft.AspNetCore.Components;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.Course;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Compare;

/// <summary>One team's answer beside the others'.</summary>
public sealed partial class ContenderColumn : LiveComponent
{
    [Parameter, EditorRequired] public required Contender Contender { get; set; }
    [Parameter, EditorRequired] public required Arena Arena { get; set; }

    protected override object Stamp => (Contender.Run.Version, Arena.IsRunning, Arena.IsRevealed, Arena.Vote?.Id, Contender.Index > 0 ? Arena.Contenders[0].Run.VoteVersion : 0);

    private bool IsWinner => Arena.Vote?.Winner is { } winner && Arena.Vote.Entries[winner].RunId == Contender.Run.RunId;

    private IEnumerable<(ImageRef Image, int Index)> Images => (Contender.Run.Request?.Images ?? []).Select((image, index) => (image, index)).DistinctBy(shown => shown.image.Sha256);

    private IReadOnlyList<DiffPiece> Differences => Contender.Index == 0 || Arena.IsRunning ? [] : Contender.DifferencesTo(Arena.Contenders[0]);
}
