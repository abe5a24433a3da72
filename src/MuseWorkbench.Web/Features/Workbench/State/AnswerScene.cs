using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using MuseWorkbench.Agents.Tools;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Workbench.State;

/// <summary>A structured answer with its parts tied to places on the image.</summary>
/// <param name="Answer">What was said.</param>
/// <param name="Items">Its parts, each with its place.</param>
/// <param name="IsText">The answer is plain text and shown as that; only its places are known to be foods.</param>
public sealed partial record AnswerScene(StructuredAnswer Answer, IReadOnlyList<SceneItem> Items, bool IsText = false)
{
    /// <summary>Overlap at which two foods of one name are one food named twice.</summary>
    private const double Same = 0.5;

    /// <summary>An agent's own answer; null where it is plain text.</summary>
    public static AnswerScene? Of(AgentViewModel agent, IEnumerable<RegionMark> marks)
    {
        ArgumentNullException.ThrowIfNull(agent);
        ArgumentNullException.ThrowIfNull(marks);
        return StructuredAnswerReader.Read(agent.Answer.ToString()) is { } answer
            ? Tie(answer, [.. marks.Where(mark => mark.Agent == agent.Index)])
            : null;
    }

    /// <summary>The run's final answer; null where there is none, or it is plain text.</summary>
    public static AnswerScene? OfFinal(RunViewModel run)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (run.Final is not { Answer.Length: > 0 } final)
        {
            return null;
        }

        // Its places are those of whoever gave it.
        return run.Agents.FirstOrDefault(agent => agent.FinalAnswer == final.Answer) is { } author
            ? Of(author, run.Marks) ?? OfEnergy(author, run.Marks)
            : StructuredAnswerReader.Read(final.Answer) is { } answer ? Tie(answer, []) : null;
    }

    /// <summary>The foods behind an answer that is an energy and no more, as the bundled model gives it: what its author named and the table knows.</summary>
    private static AnswerScene? OfEnergy(AgentViewModel author, IEnumerable<RegionMark> marks)
    {
        if (!Energy().IsMatch(author.FinalAnswer ?? ""))
        {
            return null;
        }

        var foods = marks.Where(mark => mark.Agent == author.Index && FoodTable.Find(mark.Region.Label) is not null).ToList();
        var items = foods.Select(mark => new AnswerItem(mark.Region.Label, 0, 0)).ToImmutableArray();
        return items.IsEmpty ? null : Tie(new StructuredAnswer(SceneKind.Food, null, null, items), foods) with { IsText = true };
    }

    private static AnswerScene Tie(StructuredAnswer answer, List<RegionMark> marks)
    {
        List<SceneItem> items = [];
        foreach (var item in answer.Items)
        {
            // Named in the item itself; else, by a model that writes places apart, the first of that name not yet taken.
            var mark = marks.Find(mark => item.End > 0 && mark.Channel == TextChannel.Answer && mark.TextStart >= item.Start && mark.TextStart <= item.End)
                ?? marks.Find(mark => string.Equals(mark.Region.Label, item.Label, StringComparison.OrdinalIgnoreCase) && !items.Exists(other => other.Mark == mark));
            if (answer.Kind != SceneKind.Food || !items.Exists(other => IsSame(other, item, mark)))
            {
                items.Add(new SceneItem(items.Count + 1, answer.Kind == SceneKind.Food ? WithFacts(item) : item, mark));
            }
        }

        return new AnswerScene(answer, items);
    }

    /// <summary>A food the answer says nothing of has what the bundled table says of a piece of it.</summary>
    private static AnswerItem WithFacts(AnswerItem item)
    {
        if ((item.EnergyKcal ?? item.CarbohydrateG ?? item.ProteinG ?? item.FatG) is not null || FoodTable.Find(item.Label) is not { } food)
        {
            return item;
        }

        var share = food.PieceGrams / 100;
        return item with
        {
            EnergyKcal = food.KilocaloriesPerPiece,
            CarbohydrateG = food.Carbohydrate * share,
            ProteinG = food.Protein * share,
            FatG = food.Fat * share,
            Source = string.Create(CultureInfo.InvariantCulture, $"One piece, {food.PieceGrams:0.#} g. USDA FoodData Central"),
        };
    }

    [GeneratedRegex(@"^\s*\d[\d,.]*\s*(kcal|kilocalories|calories)\.?\s*$", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Energy();

    private static bool IsSame(SceneItem other, AnswerItem item, RegionMark? mark) =>
        other.Mark is { } seen && mark is not null && string.Equals(other.Item.Label, item.Label, StringComparison.OrdinalIgnoreCase)
        && seen.Region.ImageIndex == mark.Region.ImageIndex && RegionClusters.Overlap(seen.Region, mark.Region) >= Same;
}

/// <summary>A part and its place; null where it has none.</summary>
/// <param name="Number">From 1, in order.</param>
public sealed record SceneItem(int Number, AnswerItem Item, RegionMark? Mark);
