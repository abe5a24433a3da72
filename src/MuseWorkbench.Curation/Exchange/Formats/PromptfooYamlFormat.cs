using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using MuseWorkbench.Core;
using MuseWorkbench.Shared;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>promptfoo's configuration in YAML: its tests, with what <c>defaultTest</c> adds to each.</summary>
internal sealed class PromptfooYamlFormat : ICaseFormat
{
    private const string FileName = "promptfooconfig.yaml";

    public string Id => "promptfoo-yaml";
    public string Name => "promptfoo YAML";
    public string Extension => ".zip";
    public ImmutableArray<string> Keeps => PromptfooTest.Keeps;

    public bool Recognises(IImportFiles files) => Main(files) is not null;

    public async Task ReadAsync(IImportFiles files, CaseIntake intake, CancellationToken cancellationToken)
    {
        var file = Main(files) ?? throw new ImportRefusedException("There is no promptfoo configuration (.yaml) in it.");
        var text = await ImportText.ReadWholeAsync(files, file, cancellationToken);
        var root = Parse(file, text);
        var tests = root.ValueKind == JsonValueKind.Array ? [.. root.EnumerateArray()] : Tests(file, root);
        var template = root.ValueKind == JsonValueKind.Object ? Template(root, intake) : null;
        var defaults = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("defaultTest", out var found) && found.ValueKind == JsonValueKind.Object ? found : default;
        for (var i = 0; i < tests.Length; i++)
        {
            var test = tests[i];
            await intake.RecordAsync(
                $"{file}, test {i + 1}",
                () => PromptfooTest.ReadAsync(files, file, WithDefaults(test, defaults), template, intake, cancellationToken), cancellationToken);
        }
    }

    public async Task WriteAsync(CaseOutlet outlet, Stream into, CancellationToken cancellationToken)
    {
        await using var archive = new ExportArchive(into);
        var tests = new JsonArray();
        await foreach (var (@case, images) in outlet.ReadAsync(cancellationToken))
        {
            var names = new List<string>();
            for (var i = 0; i < images.Length; i++)
                names.Add(await archive.AddImageAsync("images/", @case.Images[i], images[i], cancellationToken));
            tests.Add(PromptfooTest.Write(@case, names));
        }
        var config = new JsonObject { ["prompts"] = new JsonArray("{{question}}"), ["tests"] = tests };
        await archive.AddTextAsync(FileName, YamlNodes.Write(config), cancellationToken);
    }

    /// <summary>promptfoo's own name for it, else the only YAML file.</summary>
    private static string? Main(IImportFiles files)
    {
        string[] yaml = [.. files.Names.Where(name => FileNames.HasExtension(name, ".yaml") || FileNames.HasExtension(name, ".yml"))];
        return yaml.Where(name => FileNames.Last(name).StartsWith("promptfooconfig.", StringComparison.OrdinalIgnoreCase)).OrderBy(name => name.Length).FirstOrDefault()
            ?? (yaml.Length == 1 ? yaml[0] : null);
    }

    private static JsonElement Parse(string file, string text)
    {
        try
        {
            return ImportText.ToElement(YamlNodes.Read(text));
        }
        catch (YamlNodesException e)
        {
            throw new ImportRefusedException($"'{FileNames.Show(file)}': {e.Message}", e);
        }
    }

    private static ImmutableArray<JsonElement> Tests(string file, JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("tests", out var tests))
            throw new ImportRefusedException($"'{FileNames.Show(file)}' has no 'tests'.");
        return tests.ValueKind switch
        {
            JsonValueKind.Array => [.. tests.EnumerateArray()],
            JsonValueKind.String => throw new ImportRefusedException("The tests are in a file of their own; import that."),
            _ => throw new ImportRefusedException("'tests' is not a list."),
        };
    }

    private static string? Template(JsonElement root, CaseIntake intake)
    {
        if (!root.TryGetProperty("prompts", out var prompts))
            return null;
        var first = prompts.ValueKind == JsonValueKind.Array ? prompts.EnumerateArray().FirstOrDefault() : prompts;
        if (prompts.ValueKind == JsonValueKind.Array && prompts.GetArrayLength() > 1)
            intake.Note("Only the first of several prompts is used.");
        return first.ValueKind == JsonValueKind.String ? first.GetString() : null;
    }

    private static JsonElement WithDefaults(JsonElement test, JsonElement defaults)
    {
        if (defaults.ValueKind != JsonValueKind.Object || test.ValueKind != JsonValueKind.Object)
            return test;
        var (whole, more) = (JsonObject.Create(test)!, JsonObject.Create(defaults)!);
        foreach (var (name, value) in more.ToArray())
        {
            switch ((whole[name], value))
            {
                case (null, _):
                    whole[name] = value?.DeepClone();
                    break;
                case (JsonObject own, JsonObject all):
                    foreach (var (key, item) in all.Where(item => !own.ContainsKey(item.Key)))
                        own[key] = item?.DeepClone();
                    break;
                case (JsonArray own, JsonArray all) when name == "assert":
                    foreach (var item in all)
                        own.Add(item?.DeepClone());
                    break;
            }
        }
        return ImportText.ToElement(whole);
    }
}
