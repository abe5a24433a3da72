using System.Globalization;
using Microsoft.AspNetCore.Components;
using MuseWorkbench.Web.Features.Workbench.State;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Workbench.Viewer;

/// <summary>A part of a structured answer at its place on the image: a score, a step's number or a value; its facts beside it while it is pointed at or has the focus.</summary>
public sealed partial class ScenePin
{
    /// <summary>Longest value that fits a pin.</summary>
    private const int MaxFace = 8;

    // The pin also stands in the enlarged image, and an id only once on a page.
    private readonly string _id = Guid.NewGuid().ToString("N")[..8];

    [Parameter, EditorRequired] public required SceneItem Item { get; set; }
    [Parameter, EditorRequired] public required SceneKind Kind { get; set; }

    private string CardId => $"facts-{_id}";

    private double X => (Item.Mark!.Region.X0 + Item.Mark.Region.X1) / 2;

    private double Y => (Item.Mark!.Region.Y0 + Item.Mark.Region.Y1) / 2;

    // Cards open towards the middle of the image.
    private string Side => $"{(X > 0.5 ? "left" : "right")} {(Y > 0.5 ? "up" : "down")}";

    private string Face => Kind switch
    {
        SceneKind.Food when Item.Item.Score is { } score => score.ToString("0.#", CultureInfo.InvariantCulture),
        SceneKind.Food when Item.Item.EnergyKcal is { } energy => Fmt.Css(Math.Round(energy)),
        SceneKind.Food => "•",
        SceneKind.Values when Item.Item.Value is { Length: <= MaxFace } value => value,
        _ => Fmt.Count(Item.Number),
    };

    private string? Grade => Kind == SceneKind.Food ? Scores.Grade(Item.Item.Score) : null;

    private string Spoken => Kind switch
    {
        SceneKind.Food when Item.Item.Score is not null => $"{Item.Item.Label}: {Face} of 10",
        SceneKind.Food when Item.Item.EnergyKcal is not null => $"{Item.Item.Label}: {Face} kilocalories",
        SceneKind.Food => Item.Item.Label,
        SceneKind.Steps => $"Step {Item.Number}: {Item.Item.Label}",
        _ => $"{Item.Item.Label}: {Item.Item.Value} {Item.Item.Unit}".Trim(),
    };

    private static string Percent(double share) => Fmt.Css(share * 100) + "%";
}
