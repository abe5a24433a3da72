using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Workbench.Compose;

/// <summary>How a team made at the composer looks at its images.</summary>
/// <param name="Key">Names it in the list.</param>
/// <param name="Title">For the reader.</param>
/// <param name="Of">The agents' views for so many agents.</param>
public sealed record ViewChoice(string Key, string Title, Func<int, ImmutableArray<ViewSpec?>> Of)
{
    public static ViewChoice Whole { get; } = All("whole", "Whole image", null);

    /// <summary>Every agent sees the rectangle drawn on the image.</summary>
    public static ViewChoice Drawn { get; } = All("drawn", "Drawn rectangle", DrawnView);

    /// <summary>Each agent sees the image otherwise, mostly in another size.</summary>
    public static ViewChoice Spread { get; } = new("spread", "Spread: each another size", ViewSpread.Of);

    /// <summary>In the order they are offered.</summary>
    public static ImmutableArray<ViewChoice> Choices { get; } =
    [
        Whole,
        Spread,
        Drawn,
        new("turns", "Whole and drawn, by turns", agents => [.. Enumerable.Range(0, agents).Select(agent => agent % 2 == 0 ? null : DrawnView)]),
        All("large", "Twice as large", new() { Scale = 2 }),
        All("flip", "Mirrored", new() { Flip = true }),
        All("contrast", "High contrast", new() { Tone = ViewTone.Contrast }),
        All("grey", "Grey", new() { Tone = ViewTone.Grey }),
        All("centre", "Centre, enlarged", new() { Area = ViewArea.Centre, Enlarge = true }),
    ];

    private static ViewSpec DrawnView => new() { Area = ViewArea.Drawn, Enlarge = true };

    /// <summary>Whether some agent needs a rectangle.</summary>
    public bool NeedsDrawing(int agents) => Of(agents).Any(view => view is { Area: ViewArea.Drawn });

    public static ViewChoice? Find(string? key) => Choices.FirstOrDefault(choice => choice.Key == key);

    /// <summary>The choice that gives these agents their views; null where none does.</summary>
    public static ViewChoice? Matching(ImmutableArray<AgentSpec> agents) =>
        Choices.FirstOrDefault(choice => choice.Of(agents.Length).SequenceEqual(agents.Select(agent => agent.View)));

    private static ViewChoice All(string key, string title, ViewSpec? view) => new(key, title, agents => [.. Enumerable.Repeat(view, agents)]);
}
