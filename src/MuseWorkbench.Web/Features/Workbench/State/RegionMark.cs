using System.Globalization;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Workbench.State;

/// <summary>A region and who named it. <see cref="Agent"/> counts from 0, <see cref="Ordinal"/> from 1.</summary>
public sealed record RegionMark(int Agent, int Ordinal, Region Region)
{
    /// <summary>The agent's colour.</summary>
    public string Colour { get; init; } = AgentPalette.Class(Agent);

    /// <summary>The text that named it, and where in it its words begin.</summary>
    public TextChannel Channel { get; init; }
    public int TextStart { get; init; }

    /// <summary>Joins the box on the image with the words in the panel.</summary>
    public string Key { get; } = string.Create(CultureInfo.InvariantCulture, $"{Agent}-{Ordinal}");
}
