using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>
/// Our own archive, which loses nothing: <c>bundle.json</c> says what it is, <c>cases.jsonl</c> holds the cases as they are
/// kept, <c>images/</c> their images under their hashes; <c>teams/</c> and <c>runs/</c>, where they go along, one file each.
/// </summary>
internal sealed class BundleFormat : ICaseFormat
{
    private const string Head = "bundle.json", CasesName = "cases.jsonl", FormatName = "muse-bundle";
    private const int Version = 1, VersionWithCompany = 2;

    private static readonly ImmutableArray<(string Folder, BundlePart Part)> s_folders = [("teams/", BundlePart.Team), ("runs/", BundlePart.Run)];

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
                    images.Add(await ReadImageAsync(files, image.Sha256, byHash, intake, cancellationToken) with { Name = image.Name ?? "" });
                return @case with { Images = images.MoveToImmutable() };
            }, cancellationToken);
        }
        foreach (var (folder, part) in s_folders)
        {
            foreach (var name in files.Names.Where(name => name.StartsWith(folder, StringComparison.Ordinal) && name.EndsWith(".json", StringComparison.Ordinal)))
                await intake.PartAsync(files, name, part, sha256 => ReadImageAsync(files, sha256, byHash, intake, cancellationToken), cancellationToken);
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
        var company = await WriteCompanyAsync(outlet, archive, cancellationToken);
        // Older workbenches read what they know, and refuse what they would lose.
        var head = new JsonObject { ["format"] = FormatName, ["version"] = company ? VersionWithCompany : Version };
        await archive.AddTextAsync(Head, head.ToJsonString(), cancellationToken);
        await archive.AddTextAsync(CasesName, lines.ToString(), cancellationToken);
    }

    private static async Task<bool> WriteCompanyAsync(CaseOutlet outlet, ExportArchive archive, CancellationToken cancellationToken)
    {
        var any = false;
        await foreach (var (file, images) in outlet.ReadCompanyAsync(cancellationToken))
        {
            foreach (var (image, bytes) in images)
                await archive.AddImageAsync("images/", image, bytes, cancellationToken);
            await archive.AddFileAsync($"{s_folders.First(f => f.Part == file.Part).Folder}{file.Id}.json", file.Content, cancellationToken);
            any = true;
        }
        return any;
    }

    private static void CheckHead(JsonElement head)
    {
        try
        {
            var fields = new JsonFields(head, Head);
            if (fields.Text("format") != FormatName)
                throw new ImportRefusedException($"{Head} does not say that this is a bundle.");
            if (fields.Whole("version") is not (Version or VersionWithCompany) and var version)
                throw new ImportRefusedException($"The bundle is of version {version}; this workbench reads versions {Version} and {VersionWithCompany}.");
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
    private static async Task<ImageRef> ReadImageAsync(IImportFiles files, string sha256, ILookup<string, string> byHash, CaseIntake intake, CancellationToken cancellationToken)
    {
        var name = sha256.Length == 64 ? byHash[sha256[..20]].FirstOrDefault() : null;
        if (name is null)
            throw new UnusableRecordException("One of its images is not there.");
        var image = await intake.ImageAsync(files, name, cancellationToken);
        return image.Sha256 == sha256 ? image : throw new MalformedRecordException("One of its images is not the one under that hash.");
    }
}
