using System.Text.Json.Serialization;

namespace MuseWorkbench.Web.Shared.Charts;

/// <summary>How a series is drawn; its name is what the browser's side reads.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SeriesStyle>))]
public enum SeriesStyle
{
    Line,
    /// <summary>Stacked upon the areas before it.</summary>
    Area,
    /// <summary>A thin dashed line: what can't be exceeded.</summary>
    Limit,
}

/// <summary>One series; a null is a gap.</summary>
/// <param name="Name">For the legend and the hover.</param>
/// <param name="Color">A custom property of <c>css/tokens.css</c>, such as <c>--s1</c>; resolved in the browser, so that it follows the theme.</param>
/// <param name="Y">One value for each of the figure's times, in the figure's unit.</param>
public sealed record ChartSeries(string Name, string Color, SeriesStyle Style, double?[] Y);

/// <summary>A chart over time, whole: what the browser is handed at each tick, in one call.</summary>
public sealed record ChartFigure
{
    public required string Title { get; init; }
    /// <summary>The latest value or what is counted, beside the title.</summary>
    public string Subtitle { get; init; } = "";
    /// <summary>Written behind values, such as <c>ms</c>; empty for counts.</summary>
    public string Unit { get; init; } = "";
    /// <summary>Right end of the time axis, milliseconds since 1970 UTC.</summary>
    public required double EndMs { get; init; }
    /// <summary>Length of the time axis in seconds.</summary>
    public required double WindowSeconds { get; init; }
    /// <summary>Times in seconds before <see cref="EndMs"/>, negative, oldest first.</summary>
    public required double[] X { get; init; }
    public required IReadOnlyList<ChartSeries> Series { get; init; }
    /// <summary>A limit far above what is drawn, such as <c>capacity 64</c>; null for none.</summary>
    public string? Beyond { get; init; }
    /// <summary>Least upper end of the value axis.</summary>
    public double MinTop { get; init; }

    public bool HasData => X.Length > 0;
}
