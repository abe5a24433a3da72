using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>
/// COCO's instances: a case an image, with its annotations as places. COCO asks nothing; a <c>question</c> and an
/// <c>answer</c> on an image, which readers of COCO pass over, are written and read.
/// </summary>
internal sealed class CocoFormat : ICaseFormat
{
    private const string FileName = "annotations.json";

    public string Id => "coco";
    public string Name => "COCO JSON";
    public string Extension => ".zip";
    public ImmutableArray<string> Keeps => ["prompt", "images", "expected", "regions"];

    public bool Recognises(IImportFiles files) => JsonFiles.Main(files) is { } file && JsonFiles.BeginsWith(files, file, "images", "annotations");

    public async Task ReadAsync(IImportFiles files, CaseIntake intake, CancellationToken cancellationToken)
    {
        var file = JsonFiles.Main(files) ?? throw new ImportRefusedException("There is no JSON file in it, or several.");
        var root = await ImportText.ReadJsonAsync(files, file, cancellationToken);
        var (images, annotations, categories) = Parts(root);
        var used = new HashSet<int>();
        var names = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < images.Length; i++)
        {
            var image = images[i];
            await intake.RecordAsync($"{file}, image {i + 1}", () => ReadCaseAsync(files, file, image, annotations, categories, used, names, intake, cancellationToken), cancellationToken);
        }
        foreach (var stray in annotations.Where(group => !used.Contains(group.Key)))
            intake.Fault(file, $"There are annotations of an image {stray.Key}, which is not in it.");
    }

    public async Task WriteAsync(CaseOutlet outlet, Stream into, CancellationToken cancellationToken)
    {
        await using var archive = new ExportArchive(into);
        var (images, annotations) = (new JsonArray(), new JsonArray());
        var categories = new Dictionary<string, int>(StringComparer.Ordinal);
        await foreach (var (@case, bytes) in outlet.ReadAsync(cancellationToken))
        {
            if (bytes.Length != 1)
            {
                outlet.Skip(@case, bytes.IsEmpty ? "It has no image, which this format needs." : "It has several images; this format has one.");
                continue;
            }
            var id = images.Count + 1;
            images.Add(WriteImage(@case, id, await archive.AddImageAsync("images/", @case.Images[0], bytes[0], cancellationToken)));
            foreach (var region in @case.Regions)
                annotations.Add(WriteAnnotation(region, @case.Images[0], id, annotations.Count + 1, categories));
        }
        var root = new JsonObject
        {
            ["images"] = images,
            ["annotations"] = annotations,
            ["categories"] = JsonSerializer.SerializeToNode(categories.Select(category => new { id = category.Value, name = category.Key })),
        };
        await archive.AddTextAsync(FileName, root.ToJsonString(CaseJson.Lines), cancellationToken);
    }

    private static (ImmutableArray<JsonElement>, ILookup<int, JsonElement>, Dictionary<int, string>) Parts(JsonElement root)
    {
        try
        {
            var fields = new JsonFields(root, "the file");
            var categories = new Dictionary<int, string>();
            foreach (var item in fields.Items("categories"))
            {
                var category = new JsonFields(item, "a category");
                if (!categories.TryAdd(Id(category, "id"), category.Text("name") ?? ""))
                    throw new MalformedRecordException("A category's id stands twice.");
            }
            if (fields["images"] is null)
                throw new MalformedRecordException("There are no 'images' in it.");
            var annotations = fields.Items("annotations").ToLookup(item => Id(new JsonFields(item, "an annotation"), "image_id"));
            return (fields.Items("images"), annotations, categories);
        }
        catch (MalformedRecordException e)
        {
            throw new ImportRefusedException(e.Message, e);
        }

        static int Id(JsonFields of, string name) => of.Whole(name) ?? throw new MalformedRecordException($"There is no '{name}' in a category or annotation.");
    }

    private static async Task<Case> ReadCaseAsync(
        IImportFiles files, string file, JsonElement element, ILookup<int, JsonElement> annotations, Dictionary<int, string> categories, HashSet<int> used, Dictionary<string, int> names,
        CaseIntake intake, CancellationToken cancellationToken)
    {
        var fields = new JsonFields(element, "an image");
        var id = fields.Whole("id") ?? throw new MalformedRecordException("An image has no 'id'.");
        if (!used.Add(id))
            throw new MalformedRecordException($"The image id {id} stands twice.");
        var name = fields.Text("file_name") ?? throw new MalformedRecordException("An image has no 'file_name'.");
        var image = await intake.ImageAsync(files, Find(files, file, name), cancellationToken);
        if ((fields.Whole("width") ?? image.Width, fields.Whole("height") ?? image.Height) != (image.Width, image.Height))
            throw new UnusableRecordException("The image is not as large as the file says, so its boxes would be off.");
        return new Case
        {
            Id = FileNames.IdOf(name, names),
            Prompt = fields.Text("question") ?? "",
            Images = [image],
            Expected = fields.Text("answer"),
            Regions = [.. annotations[id].Select(annotation => ReadRegion(new JsonFields(annotation, "an annotation"), image, categories, intake))],
        };
    }

    /// <summary>Names are relative to a folder that COCO does not name: beside the file, or <c>images/</c>.</summary>
    private static string Find(IImportFiles files, string file, string name)
    {
        var beside = FileNames.Beside(file, name);
        var inFolder = FileNames.Beside(file, "images/" + name);
        return !files.Contains(beside) && files.Contains(inFolder) ? inFolder : beside;
    }

    private static Region ReadRegion(JsonFields annotation, ImageRef image, Dictionary<int, string> categories, CaseIntake intake)
    {
        var label = annotation.Whole("category_id") is { } category
            ? categories.GetValueOrDefault(category) ?? throw new MalformedRecordException($"There is no category {category}.")
            : "";
        if (annotation["bbox"] is not { } bbox)
            throw new UnusableRecordException("An annotation has no box.");
        var region = PixelBoxes.Read(JsonFields.Numbers(bbox, "bbox"), label, image, 0);
        if (annotation["segmentation"] is not { ValueKind: JsonValueKind.Array } outlines || outlines.GetArrayLength() == 0)
            return region;
        if (outlines.GetArrayLength() > 1)
        {
            intake.Note("Outlines of several parts are not kept; their boxes are.");
            return region;
        }
        return region with { Polygon = PixelBoxes.ReadOutline(JsonFields.Numbers(outlines[0], "segmentation"), image) };
    }

    private static JsonObject WriteImage(Case @case, int id, string name)
    {
        var image = new JsonObject { ["id"] = id, ["file_name"] = name, ["width"] = @case.Images[0].Width, ["height"] = @case.Images[0].Height };
        if (@case.Prompt.Length > 0)
            image["question"] = @case.Prompt;
        if (@case.Expected is { } expected)
            image["answer"] = expected;
        return image;
    }

    private static JsonObject WriteAnnotation(Region region, ImageRef image, int imageId, int id, Dictionary<string, int> categories)
    {
        if (!categories.TryGetValue(region.Label, out var category))
            categories[region.Label] = category = categories.Count + 1;
        var box = PixelBoxes.Write(region, image);
        var outline = region.Polygon is { } corners ? new[] { PixelBoxes.WriteOutline(corners, image) } : [];
        return new JsonObject
        {
            ["id"] = id, ["image_id"] = imageId, ["category_id"] = category, ["bbox"] = JsonSerializer.SerializeToNode(box), ["area"] = box[2] * box[3], ["iscrowd"] = 0,
            ["segmentation"] = JsonSerializer.SerializeToNode(outline),
        };
    }
}
