using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Workbench.State;

/// <summary>A structured answer with its parts tied to places on the image.</summary>
public sealed record AnswerScene(StructuredAnswer Answer, IReadOnlyList<SceneItem> Items)
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
            ? Of(author, run.Marks)
            : StructuredAnswerReader.Read(final.Answer) is { } answer ? Tie(answer, []) : null;
    }

    private static AnswerScene Tie(StructuredAnswer answer, List<RegionMark> marks)
    {
        List<SceneItem> items = [];
        foreach (var item in answer.Items)
        {
            // Named in the item itself; else, by a model that writes places apart, the first of that name not yet taken.
            var mark = marks.Find(mark => mark.Channel == TextChannel.Answer && mark.TextStart >= item.Start && mark.TextStart <= item.End)
                ?? marks.Find(mark => string.Equals(mark.Region.Label, item.Label, StringComparison.OrdinalIgnoreCase) && !items.Exists(other => other.Mark == mark));
            if (answer.Kind != SceneKind.Food || !items.Exists(other => IsSame(other, item, mark)))
            {
                items.Add(new SceneItem(items.Count + 1, item, mark));
            }
        }

        return new AnswerScene(answer, items);
    }

    private static bool IsSame(SceneItem other, AnswerItem item, RegionMark? mark) =>
        other.Mark is { } seen && mark is not null && string.Equals(other.Item.Label, item.Label, StringComparison.OrdinalIgnoreCase)
        && seen.Region.ImageIndex == mark.Region.ImageIndex && RegionClusters.Overlap(seen.Region, mark.Region) >= Same;
}

/// <summary>A part and its place; null where it has none.</summary>
/// <param name="Number">From 1, in order.</param>
public sealed record SceneItem(int Number, AnswerItem Item, RegionMark? Mark);
