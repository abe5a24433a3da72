using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;
using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Scoring.Scorers;

/// <summary>How a named region is held against an expected one.</summary>
public enum RegionRule
{
    /// <summary>By intersection over union.</summary>
    Iou,
    /// <summary>Right with an IoU of at least <see cref="RegionScorer.MinIou"/>.</summary>
    AccAtIou,
    /// <summary>Right where the named region's centre lies inside the expected box, edges included.</summary>
    PointInBox,
}

/// <summary>
/// Named regions against expected ones, paired one to one so that the total is largest. <c>iou</c>: the pairs' IoU summed,
/// over the larger number of regions. <c>acc-at-iou</c> and <c>point-in-box</c>: F₁ = 2·right/(named + expected). So what is
/// missing and what is too much both cost; with one of each these are IoU, Acc@0.5 and point accuracy of RefCOCO and
/// ScreenSpot. Polygons count as the box around them.
/// </summary>
public sealed record RegionScorer : Scorer
{
    /// <summary>Most regions of a side.</summary>
    public const int MaxRegions = 300;

    /// <summary>The expected regions, in shares of the image (0 to 1). Empty where none should be named.</summary>
    public required ImmutableArray<Region> Value { get; init; }

    /// <summary>IoU from which <c>acc-at-iou</c> counts a region as right.</summary>
    public double MinIou { get; init; } = 0.5;

    /// <summary>Whether only regions of the same label (in any case) can be paired.</summary>
    public bool Labels { get; init; }

    [JsonIgnore]
    public RegionRule Rule { get; init; }

    [JsonIgnore]
    public override ImmutableArray<ScoreChannel> Channels => [ScoreChannel.Regions];

    [JsonIgnore]
    public override double DefaultThreshold => Rule == RegionRule.Iou ? 0.5 : 1;

    internal override string? FindProblem()
    {
        if (Value.Length > MaxRegions)
            return $"'value' holds more than {MaxRegions} regions.";
        if (MinIou is not (> 0 and <= 1))
            return "'minIou' lies above 0 and at most at 1.";
        for (var i = 0; i < Value.Length; i++)
        {
            var r = Value[i];
            if (r is null)
                return $"value[{i}] is empty.";
            if (!(r.X0 >= 0 && r.Y0 >= 0 && r.X1 <= 1 && r.Y1 <= 1 && r.X0 <= r.X1 && r.Y0 <= r.Y1))
                return $"value[{i}] is no region: 0 ≤ x0 ≤ x1 ≤ 1 and 0 ≤ y0 ≤ y1 ≤ 1, in shares of the image, not pixels.";
            if (Labels && string.IsNullOrWhiteSpace(r.Label))
                return $"value[{i}] has no 'label', and 'labels' asks for one.";
            if (r.IsPoint)
                return $"value[{i}] is a point; boxes are expected, for a named point to lie in.";
            if (r.ImageIndex < 0)
                return $"value[{i}] has an imageIndex below 0.";
        }
        return null;
    }

    public override ValueTask<Score> ScoreAsync(ScoringTarget target, ScoringServices services, CancellationToken cancellationToken) => new(Score(target.Regions));

    /// <summary>Scores regions by themselves.</summary>
    public Score Score(ImmutableArray<Region> named)
    {
        if (named.Length > MaxRegions)
            return Scoring.Score.Of(false, $"{named.Length} regions are named, more than the {MaxRegions} that are compared");
        var counts = $"{named.Length} named, {Value.Length} expected";
        if (named.IsEmpty || Value.IsEmpty)
            return Scoring.Score.Of(named.Length == Value.Length, counts);
        var gains = new double[named.Length, Value.Length];
        for (var i = 0; i < named.Length; i++)
        {
            for (var j = 0; j < Value.Length; j++)
                gains[i, j] = Gain(named[i], Value[j]);
        }
        var total = Matching.Best(gains).Select((j, i) => j < 0 ? 0 : gains[i, j]).Sum();
        return Rule == RegionRule.Iou
            ? Scoring.Score.Of(total / Math.Max(named.Length, Value.Length), $"mean IoU {(total / Math.Max(named.Length, Value.Length)).ToString("0.###", CultureInfo.InvariantCulture)} ({counts})")
            : Scoring.Score.Of(2 * total / (named.Length + Value.Length), $"{total:0} right ({counts})");
    }

    private double Gain(Region named, Region expected)
    {
        if (named.ImageIndex != expected.ImageIndex || Labels && !string.Equals(named.Label.Trim(), expected.Label?.Trim(), StringComparison.OrdinalIgnoreCase))
            return 0;
        if (Rule == RegionRule.PointInBox)
        {
            var (x, y) = ((named.X0 + named.X1) / 2, (named.Y0 + named.Y1) / 2);
            return x >= expected.X0 && x <= expected.X1 && y >= expected.Y0 && y <= expected.Y1 ? 1 : 0;
        }
        var iou = named.Iou(expected);
        return Rule == RegionRule.Iou ? iou : iou >= MinIou - 1e-9 ? 1 : 0;
    }
}
