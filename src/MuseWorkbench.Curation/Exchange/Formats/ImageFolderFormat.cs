using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>
/// Hugging Face's imagefolder: <c>metadata.jsonl</c> beside its images, one in each split's folder. Boxes are COCO's, in
/// <c>objects</c>; a column that no field answers to becomes a tag.
/// </summary>
internal sealed class ImageFolderFormat : ICaseFormat
{
    private const string MetadataName = "metadata.jsonl";

    private static readonly HashSet<string> s_splits = new(["train", "validation", "val", "valid", "dev", "test", "eval"], StringComparer.Ordinal);

    private static readonly HashSet<string> s_columns = new(
        [
            "id", "file_name", "file_names", "question", "prompt", "instruction", "query", "answer", "expected", "target", "text", "caption",
            "choices", "objects", "table", "assertions", "tags", "split", "notes", "width", "height",
        ],
        StringComparer.Ordinal);

    public string Id => "hf-imagefolder";
    public string Name => "Hugging Face imagefolder";
    public string Extension => ".zip";
    public ImmutableArray<string> Keeps => ["id", "prompt", "images", "choices", "expected", "regions", "table", "assertions", "tags", "split", "notes"];

    public bool Recognises(IImportFiles files) => files.Names.Any(IsMetadata);

    public async Task ReadAsync(IImportFiles files, CaseIntake intake, CancellationToken cancellationToken)
    {
        var metadata = files.Names.Where(IsMetadata).Order(StringComparer.Ordinal).ToArray();
        if (metadata.Length == 0)
            throw new ImportRefusedException($"There is no {MetadataName} in it.");
        var used = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var name in metadata)
        {
            foreach (var (number, line) in ImportText.Lines(files, name))
                await intake.RecordAsync($"{name}, line {number}", () => ReadCaseAsync(files, name, line, used, intake, cancellationToken), cancellationToken);
        }
    }

    public async Task WriteAsync(CaseOutlet outlet, Stream into, CancellationToken cancellationToken)
    {
        await using var archive = new ExportArchive(into);
        var metadata = new SortedDictionary<string, System.Text.StringBuilder>(StringComparer.Ordinal);
        await foreach (var (@case, images) in outlet.ReadAsync(cancellationToken))
        {
            if (images.IsEmpty)
            {
                outlet.Skip(@case, "It has no image, which this format needs.");
                continue;
            }
            var folder = @case.Split is { } split && s_splits.Contains(split) ? $"{split}/" : "";
            var names = new List<string>();
            for (var i = 0; i < images.Length; i++)
                names.Add((await archive.AddImageAsync(folder, @case.Images[i], images[i], cancellationToken))[folder.Length..]);
            if (!metadata.TryGetValue(folder, out var lines))
                metadata[folder] = lines = new();
            lines.Append(WriteLine(@case, names, named: folder.Length > 0).ToJsonString(CaseJson.Lines)).Append('\n');
        }
        foreach (var (folder, lines) in metadata)
            await archive.AddTextAsync(folder + MetadataName, lines.ToString(), cancellationToken);
    }

    private static bool IsMetadata(string name) => FileNames.Last(name) == MetadataName;

    private static async Task<Case> ReadCaseAsync(
        IImportFiles files, string metadata, string line, Dictionary<string, int> used, CaseIntake intake, CancellationToken cancellationToken)
    {
        var row = new JsonFields(ImportText.ParseJson(line), "the line");
        var names = ImageNames(row);
        if (names.IsEmpty)
            throw new MalformedRecordException("There is no 'file_name' in it.");
        var images = ImmutableArray.CreateBuilder<ImageRef>();
        foreach (var name in names)
            images.Add(await intake.ImageAsync(files, FileNames.Beside(metadata, name), cancellationToken));
        var folder = FileNames.Last(metadata[..Math.Max(0, metadata.Length - MetadataName.Length - 1)]);
        return new Case
        {
            Id = row.Text("id") ?? FileNames.IdOf(FileNames.Beside(metadata, names[0]), used),
            Prompt = row.FirstText("question", "prompt", "instruction", "query") ?? "",
            Images = images.ToImmutable(),
            Choices = row.Texts("choices"),
            Expected = row.FirstText("answer", "expected", "target", "text", "caption"),
            Regions = row.Object("objects") is { } objects ? ReadRegions(objects, images, intake) : [],
            Table = row.Text("table"),
            Assertions = row.Items("assertions"),
            Tags = [.. row.Texts("tags"), .. RecordTags.Of(row.All.Where(c => !c.Name.EndsWith("_file_name", StringComparison.Ordinal) && !c.Name.EndsWith("_file_names", StringComparison.Ordinal)), s_columns, intake)],
            Split = row.Text("split") ?? (s_splits.Contains(folder) ? folder : null),
            Notes = row.Text("notes") ?? "",
        };
    }

    private static ImmutableArray<string> ImageNames(JsonFields row) =>
    [
        .. row.Texts("file_name"),
        .. row.Texts("file_names"),
        .. row.All.Select(column => column.Name).Where(name => name.EndsWith("_file_name", StringComparison.Ordinal) || name.EndsWith("_file_names", StringComparison.Ordinal))
            .SelectMany(name => row.Texts(name)),
    ];

    private static ImmutableArray<Region> ReadRegions(JsonFields objects, ImmutableArray<ImageRef>.Builder images, CaseIntake intake)
    {
        var boxes = objects.Items("bbox");
        var labels = objects.Texts(objects["categories"] is null ? "category" : "categories");
        var places = objects.Items("image");
        var outlines = objects.Items("segmentation");
        if ((labels.Length > 0 && labels.Length != boxes.Length) || (places.Length > 0 && places.Length != boxes.Length) || (outlines.Length > 0 && outlines.Length != boxes.Length))
            throw new MalformedRecordException("The lists in 'objects' are not equally long.");
        foreach (var field in objects.All.Where(f => f.Name is not ("bbox" or "categories" or "category" or "image" or "segmentation")))
            intake.Note($"'objects.{FileNames.Show(field.Name)}' is not kept.");
        var regions = ImmutableArray.CreateBuilder<Region>(boxes.Length);
        for (var i = 0; i < boxes.Length; i++)
        {
            var at = places.Length > 0 ? JsonFields.Number(places[i], "image") : 0;
            if (at < 0 || at >= images.Count || at != Math.Floor(at))
                throw new MalformedRecordException("A box is in an image that the line does not have.");
            var image = images[(int)at];
            var region = PixelBoxes.Read(JsonFields.Numbers(boxes[i], "bbox"), labels.IsEmpty ? "" : labels[i], image, (int)at);
            regions.Add(outlines.Length > 0 && outlines[i].ValueKind != JsonValueKind.Null
                ? region with { Polygon = PixelBoxes.ReadOutline(JsonFields.Numbers(outlines[i], "segmentation"), image) }
                : region);
        }
        return regions.MoveToImmutable();
    }

    private static JsonObject WriteLine(Case @case, List<string> names, bool named)
    {
        var row = new JsonObject();
        if (names.Count == 1)
            row["file_name"] = names[0];
        else
            row["file_names"] = JsonSerializer.SerializeToNode(names);
        row["id"] = @case.Id;
        row["question"] = @case.Prompt;
        row["answer"] = @case.Expected;
        if (!@case.Regions.IsEmpty)
            row["objects"] = WriteRegions(@case);
        CaseJson.WriteRest(@case, row, named ? ["choices", "table", "assertions", "tags", "notes"] : ["choices", "table", "assertions", "tags", "split", "notes"]);
        return row;
    }

    private static JsonObject WriteRegions(Case @case)
    {
        var objects = new JsonObject
        {
            ["bbox"] = JsonSerializer.SerializeToNode(@case.Regions.Select(region => PixelBoxes.Write(region, @case.Images[region.ImageIndex]))),
            ["categories"] = JsonSerializer.SerializeToNode(@case.Regions.Select(region => region.Label)),
        };
        if (@case.Images.Length > 1)
            objects["image"] = JsonSerializer.SerializeToNode(@case.Regions.Select(region => region.ImageIndex));
        if (@case.Regions.Any(region => region.Polygon is not null))
            objects["segmentation"] = JsonSerializer.SerializeToNode(@case.Regions.Select(region => region.Polygon is { } corners ? PixelBoxes.WriteOutline(corners, @case.Images[region.ImageIndex]) : null));
        return objects;
    }
}
