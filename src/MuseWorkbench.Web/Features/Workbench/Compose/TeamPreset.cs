using System.Collections.Immutable;

namespace MuseWorkbench.Web.Features.Workbench.Compose;

/// <summary>A team to start from.</summary>
public sealed record TeamPreset(string Name, int Agents, double Temperature, bool Spread, string Why)
{
    /// <summary>How its agents look at the image; null leaves that to who uses it.</summary>
    public ViewChoice? Views { get; init; }

    /// <summary>Lowest temperature of a spread team.</summary>
    public const double SpreadFrom = 0.2;

    /// <summary>The strategy a team has unless another is chosen.</summary>
    public const string DefaultStrategy = "self-consistency";

    public static ImmutableArray<TeamPreset> All { get; } =
    [
        new("One", 1, 0, false, "One careful answer, the same each time"),
        new("Four", 4, 0.8, false, "A quick second opinion"),
        new("Eight", 8, 0.8, false, "A vote that means something"),
        new("Eight sizes", 8, 0.8, false, "Each sees the image in another size: best on crowded pictures") { Views = ViewChoice.Spread },
        new("Eight, spread", 8, 1.4, true, "From cautious to daring"),
        new("Sixteen", 16, 0.8, false, "A wide vote"),
    ];

    public static TeamPreset Default => All[2];

    internal bool Matches(int agents, double temperature, bool spread, ViewChoice views) =>
        Agents == agents && Spread == spread && Math.Abs(Temperature - temperature) < 0.001 && (Views ?? views) == views;
}
