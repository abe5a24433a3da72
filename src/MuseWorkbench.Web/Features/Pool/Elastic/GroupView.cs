using System.Collections.Immutable;
using MuseWorkbench.Agents.Pool.Scaling;

namespace MuseWorkbench.Web.Features.Pool.Elastic;

/// <summary>Something that was decided of a group's nodes, or that came of it.</summary>
/// <param name="At">When.</param>
/// <param name="Text">What and why, a sentence or two.</param>
/// <param name="IsFault">Whether it could not be done.</param>
public sealed record ScaleNote(DateTimeOffset At, string Text, bool IsFault = false);

/// <summary>A group as the page shows it; immutable.</summary>
/// <param name="Name">As the settings name the member.</param>
/// <param name="Place">Where its nodes are, or what they serve.</param>
/// <param name="IsLocal">Whether the workbench starts them itself.</param>
/// <param name="Limits">How many there may be.</param>
/// <param name="Running">Nodes that take agents.</param>
/// <param name="Starting">Nodes that run and don't take agents yet.</param>
/// <param name="Stopping">Nodes that are being stopped.</param>
/// <param name="Waiting">Agents that wait for one to be started.</param>
/// <param name="Notes">What was decided lately, the latest first.</param>
public sealed record GroupView(
    string Name, string Place, bool IsLocal, NodeLimits Limits, int Running, int Starting, int Stopping, int Waiting, ImmutableArray<ScaleNote> Notes);
