using Microsoft.AspNetCore.Components;
using MuseWorkbench.Web.Features.Workbench.State;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Workbench.Panels;

/// <summary>A structured answer in words: foods with their score, steps in order, values in a table. Pointing at a part, or focusing it, lights its place on the image.</summary>
public sealed partial class SceneList : LiveComponent
{
    [Parameter, EditorRequired] public required AnswerScene Scene { get; set; }

    protected override object Stamp => Scene;

    // Only where every food says it: half a sum is no sum.
    private string? Total => Scene.Answer.Kind == SceneKind.Food && Scene.Items.Count > 1 && Scene.Items.All(item => item.Item.EnergyKcal is not null)
        ? $"{Fmt.Count((long)Math.Round(Scene.Items.Sum(item => item.Item.EnergyKcal ?? 0)))} kcal"
        : null;

    private static string Facts(AnswerItem item) => string.Join(" · ", new[]
    {
        Amount(null, item.EnergyKcal, "kcal"),
        Amount("carbohydrate", item.CarbohydrateG, "g"),
        Amount("protein", item.ProteinG, "g"),
        Amount("fat", item.FatG, "g"),
    }.OfType<string>());

    private static string? Amount(string? name, double? amount, string unit) =>
        amount is { } some ? $"{name} {Fmt.Css(Math.Round(some, 1))} {unit}".TrimStart() : null;
}
