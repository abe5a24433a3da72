using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>
/// Our own archive, which loses nothing: <c>bundle.json</c> says what it is, <c>cases.jsonl</c> holds the cases as they are
/// kept, <c>images/</c> their images under their hashes.
/// </summary>
internal sealed class BundleFormat : ICaseFormat
{
    private const string Head = "bundle.json", CasesName = "cases.jsonl", FormatName = "muse-bundle";
    private const int Version = 1;

    // A field this version doesn't know must not silently be lost.
    private static readonly JsonSerializerOptions s_strict = new(MuseJson.Options)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true, MaxDepth = 32,
    };

    public string Id => "muse-bundle";
    public string Name => "MuseWorkbench bundle";
    public string Extension => ".zip";
    public ImmutableArray<string> Keeps => ["id", "prompt", "images", "choices", "expected", "regions", "table", "assertions", "tags", "split", "notes"];

    public bool Recognises(IImportFiles files) => files.Contains(Head) && files.Contains(CasesName);

    public async Task ReadAsync(IImportFiles files, CaseIntake intake, CancellationToken cancellationToken)
    {
        if (!Recognises(files))
            throw new ImportRefusedException($"There is no {Head} with a {CasesName} in it.");
        CheckHead(await ImportText.ReadJsonAsync(files, Head, cancellationToken));
        var byHash = files.Names.Where(name => name.StartsWith("images/", StringComparison.Ordinal))
            .ToLookup(name => Path.GetFileNameWithoutExtension(FileNames.Last(name)), StringComparer.Ordinal);
        foreach (var (number, line) in ImportText.Lines(files, CasesName))
        {
            await intake.RecordAsync($"{CasesName}, line {number}", async () =>
            {
                var @case = ReadCase(line);
                var images = ImmutableArray.CreateBuilder<ImageRef>(@case.Images.Length);
                foreach (var image in @case.Images)
                    images.Add(await ReadImageAsync(files, image, byHash, intake, cancellationToken));
                return @case with { Images = images.MoveToImmutable() };
            }, cancellationToken);
        }
    }

    public async Task WriteAsync(CaseOutlet outlet, Stream into, CancellationToken cancellationToken)
    {
        await using var archive = new ExportArchive(into);
        var lines = new StringBuilder();
        await foreach (var (@case, images) in outlet.ReadAsync(cancellationToken))
        {
            for (var i = 0; i < images.Length; i++)
                await archive.AddImageAsync("images/", @case.Images[i], images[i], cancellationToken);
            lines.Append(JsonSerializer.Serialize(@case, CaseJson.Lines)).Append('\n');
        }
        await archive.AddTextAsync(Head, new JsonObject { ["format"] = FormatName, ["version"] = Version }.ToJsonString(), cancellationToken);
        await archive.AddTextAsync(CasesName, lines.ToString(), cancellationToken);
    }

    private static void CheckHead(JsonElement head)
    {
        try
        {
            var fields = new JsonFields(head, Head);
            if (fields.Text("format") != FormatName)
                throw new ImportRefusedException($"{Head} does not say that this is a bundle.");
            if (fields.Whole("version") is not Version and var version)
                throw new ImportRefusedException($"The bundle is of version {version}; this workbench reads version {Version}.");
        }
        catch (MalformedRecordException e)
        {
            throw new ImportRefusedException(e.Message, e);
        }
    }

    private static Case ReadCase(string line)
    {
        var element = ImportText.ParseJson(line);
        try
        {
            var @case = element.Deserialize<Case>(s_strict);
            return @case is null || @case.Images.IsDefault || @case.Images.Any(image => image?.Sha256 is null) || @case.Regions.IsDefault || @case.Regions.Any(region => region is null)
                ? throw new MalformedRecordException("The line is no case.")
                : @case;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new MalformedRecordException("The line is no case as this workbench writes them.");
        }
    }

    /// <summary>By hash; what the line says of the image is not believed.</summary>
    private static async Task<ImageRef> ReadImageAsync(IImportFiles files, ImageRef said, ILookup<string, string> byHash, CaseIntake intake, CancellationToken cancellationToken)
    {
        var name = said.Sha256.Length == 64 ? byHash[said.Sha256[..20]].FirstOrDefault() : null;
        if (name is null)
            throw new UnusableRecordException("One of its images is not there.");
        var image = await intake.ImageAsync(files, name, cancellationToken);
        return image.Sha256 == said.Sha256 ? image with { Name = said.Name ?? "" } : throw new MalformedRecordException("One of its images is not the one under that hash.");
    }
}
