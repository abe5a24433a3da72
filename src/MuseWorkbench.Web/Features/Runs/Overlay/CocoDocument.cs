using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.State;

namespace MuseWorkbench.Web.Features.Runs.Overlay;

/// <summary>
/// A run's places as COCO annotations (cocodataset.org/#format-data): boxes as x, y, width, height in pixels from the top
/// left, polygons as segmentations, points as one visible keypoint. Who said it stands beside, under keys of our own.
/// </summary>
internal sealed record CocoDocument
{
    public required CocoInfo Info { get; init; }
    public ImmutableArray<object> Licenses { get; init; } = [];
    public required ImmutableArray<CocoImage> Images { get; init; }
    public required ImmutableArray<CocoCategory> Categories { get; init; }
    public required ImmutableArray<CocoAnnotation> Annotations { get; init; }

    public static CocoDocument Of(RunViewModel run)
    {
        var images = run.Request?.Images ?? [];
        var marks = run.Marks.Where(mark => mark.Region.ImageIndex >= 0 && mark.Region.ImageIndex < images.Length).ToArray();
        var names = marks.Select(NameOf).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase).ToImmutableArray();
        var ids = names.Select((name, i) => (name, i)).ToDictionary(pair => pair.name, pair => pair.i + 1, StringComparer.OrdinalIgnoreCase);
        var withPoints = marks.Where(mark => mark.Region.IsPoint).Select(mark => ids[NameOf(mark)]).ToHashSet();
        return new CocoDocument
        {
            Info = new CocoInfo(
                $"Places named in run {run.RunId}", "1.0", (run.StartedAt ?? default).Year, "Muse Workbench", (run.StartedAt ?? default).ToString("yyyy/MM/dd", CultureInfo.InvariantCulture)),
            Images = [.. images.Select((image, i) => new CocoImage(i + 1, image.Width, image.Height, image.Name.Length > 0 ? image.Name : image.Sha256, image.Sha256))],
            Categories = [.. names.Select((name, i) => new CocoCategory(i + 1, name, "") { Keypoints = withPoints.Contains(i + 1) ? ["point"] : null, Skeleton = withPoints.Contains(i + 1) ? [] : null })],
            Annotations = [.. marks.Select((mark, i) => Annotation(i + 1, ids[NameOf(mark)], mark, images[mark.Region.ImageIndex], run.Agents[mark.Agent].Name))],
        };
    }

    private static CocoAnnotation Annotation(int id, int category, RegionMark mark, ImageRef image, string agent)
    {
        var region = mark.Region;
        var (x, y) = (Pixels(region.X0, image.Width), Pixels(region.Y0, image.Height));
        var (width, height) = (Pixels(region.X1, image.Width) - x, Pixels(region.Y1, image.Height) - y);
        ImmutableArray<double>? outline = region.Polygon is { } polygon ? [.. polygon.Select((share, i) => Pixels(share, i % 2 == 0 ? image.Width : image.Height))] : null;
        return new CocoAnnotation
        {
            Id = id,
            ImageId = region.ImageIndex + 1,
            CategoryId = category,
            Bbox = [x, y, Round(width), Round(height)],
            Area = Round(outline is { } corners ? AreaOf(corners) : width * height),
            Segmentation = outline is { } drawn ? [drawn] : [],
            Keypoints = region.IsPoint ? [x, y, 2] : null,
            NumKeypoints = region.IsPoint ? 1 : null,
            Agent = mark.Agent,
            AgentName = agent,
            Ordinal = mark.Ordinal,
        };
    }

    // The shoelace formula.
    private static double AreaOf(ImmutableArray<double> outline)
    {
        var twice = 0.0;
        for (int i = 0, j = outline.Length - 2; i < outline.Length; j = i, i += 2)
        {
            twice += (outline[j] * outline[i + 1]) - (outline[i] * outline[j + 1]);
        }

        return Math.Abs(twice) / 2;
    }

    private static string NameOf(RegionMark mark) => mark.Region.Label.Trim() is { Length: > 0 } name ? name : "unnamed";

    private static double Pixels(double share, int side) => Round(share * side);

    private static double Round(double value) => Math.Round(value, 2);
}

internal sealed record CocoInfo(
    string Description, string Version, int Year, string Contributor, [property: JsonPropertyName("date_created")] string DateCreated);

internal sealed record CocoImage(
    int Id, int Width, int Height, [property: JsonPropertyName("file_name")] string FileName, string Sha256);

internal sealed record CocoCategory(int Id, string Name, string Supercategory)
{
    public ImmutableArray<string>? Keypoints { get; init; }
    public ImmutableArray<ImmutableArray<int>>? Skeleton { get; init; }
}

internal sealed record CocoAnnotation
{
    public required int Id { get; init; }
    [JsonPropertyName("image_id")] public required int ImageId { get; init; }
    [JsonPropertyName("category_id")] public required int CategoryId { get; init; }
    public required ImmutableArray<double> Bbox { get; init; }
    public required double Area { get; init; }
    public required ImmutableArray<ImmutableArray<double>> Segmentation { get; init; }
    public int Iscrowd { get; init; }
    public ImmutableArray<double>? Keypoints { get; init; }
    [JsonPropertyName("num_keypoints")] public int? NumKeypoints { get; init; }
    /// <summary>Index in the run, from 0.</summary>
    public required int Agent { get; init; }
    [JsonPropertyName("agent_name")] public required string AgentName { get; init; }
    /// <summary>In the agent's reading order, from 1.</summary>
    public required int Ordinal { get; init; }
}
