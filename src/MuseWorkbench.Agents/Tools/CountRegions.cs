using System.Globalization;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tools;

/// <summary>
/// Counts the places the calling agent has named so far: <c>{"label":"egg"}</c>, or all by label. One place named twice
/// (same label, boxes that overlap by half of their union) counts once.
/// </summary>
internal sealed class CountRegions : ITool
{
    private const double SamePlace = 0.5;
    private const int MaxLabels = 40;

    public ToolDefinition Definition { get; } = new(
        ToolNames.CountRegions, "Counts the places you have named so far; one named twice counts once.",
        [new("label", ToolParameterKind.Text, "What to count, such as egg; everything where left out.") { IsRequired = false }]);

    public ValueTask<ToolResult> CallAsync(ToolArguments arguments, ToolContext context, CancellationToken cancellationToken)
    {
        var places = Distinct(context.Regions);
        if (arguments.TextOrNull("label") is { } label)
            return new(new ToolResult(places.Count(place => Key(place.Label) == Key(label)).ToString(CultureInfo.InvariantCulture)));
        if (places.Count == 0)
            return new(new ToolResult("0: you have named no places yet."));
        var byLabel = places.GroupBy(place => Key(place.Label)).OrderByDescending(group => group.Count()).ThenBy(group => group.Key.Length == 0).ThenBy(group => group.Key, StringComparer.Ordinal).ToArray();
        var shown = byLabel.Take(MaxLabels).Select(group => $"{(group.Key.Length == 0 ? "without a label" : group.Key)} {group.Count()}");
        return new(new ToolResult($"{places.Count}: {string.Join(", ", shown)}{(byLabel.Length > MaxLabels ? ", …" : "")}"));
    }

    private static List<Region> Distinct(IEnumerable<Region> regions)
    {
        var places = new List<Region>();
        foreach (var region in regions)
        {
            if (!places.Exists(place => place.ImageIndex == region.ImageIndex && Key(place.Label) == Key(region.Label) && place.Iou(region) >= SamePlace))
                places.Add(region);
        }
        return places;
    }

    // "Eggs" and "egg" are one thing; "grass" stays itself.
    private static string Key(string label)
    {
        var word = label.Trim().ToLowerInvariant();
        return word.Length > 3 && word.EndsWith('s') && !word.EndsWith("ss", StringComparison.Ordinal) ? word[..^1] : word;
    }
}
