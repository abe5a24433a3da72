using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>
/// promptfoo's tests as CSV: a column for each variable, and <c>__expected</c>, <c>__expectedN</c>, <c>__description</c>,
/// <c>__metric</c>, <c>__threshold</c>, <c>__metadata:key</c>, <c>__metadata:key[]</c>.
/// </summary>
internal sealed partial class PromptfooCsvFormat : ICaseFormat
{
    private const string FileName = "tests.csv", MetadataPrefix = "__metadata:";

    public string Id => "promptfoo-csv";
    public string Name => "promptfoo CSV";
    public string Extension => ".zip";
    public ImmutableArray<string> Keeps => PromptfooTest.Keeps;

    public bool Recognises(IImportFiles files) => Main(files) is not null;

    public async Task ReadAsync(IImportFiles files, CaseIntake intake, CancellationToken cancellationToken)
    {
        var file = Main(files) ?? throw new ImportRefusedException("There is no CSV file in it, or several.");
        if (Csv.TryRead(await ImportText.ReadWholeAsync(files, file, cancellationToken), out var rows) is { } fault)
            throw new ImportRefusedException($"'{FileNames.Show(file)}' is not CSV: {fault}");
        if (rows.Count == 0)
            throw new ImportRefusedException($"'{FileNames.Show(file)}' has no header.");
        var header = rows[0].Select(name => name.Trim()).ToArray();
        if (header.Any(name => name.Length == 0) || header.Distinct(StringComparer.Ordinal).Count() < header.Length)
            throw new ImportRefusedException($"The header of '{FileNames.Show(file)}' has an empty name, or one that stands twice.");
        for (var i = 1; i < rows.Count; i++)
        {
            var row = rows[i];
            await intake.RecordAsync($"{file}, row {i + 1}", () => ReadCaseAsync(files, file, header, row, intake, cancellationToken), cancellationToken);
        }
    }

    public async Task WriteAsync(CaseOutlet outlet, Stream into, CancellationToken cancellationToken)
    {
        await using var archive = new ExportArchive(into);
        var tests = new List<Dictionary<string, string>>();
        await foreach (var (@case, images) in outlet.ReadAsync(cancellationToken))
        {
            var names = new List<string>();
            for (var i = 0; i < images.Length; i++)
                names.Add(await archive.AddImageAsync("images/", @case.Images[i], images[i], cancellationToken));
            tests.Add(Row(@case, names, outlet));
        }
        string[] columns = [.. tests.SelectMany(row => row.Keys).Distinct(StringComparer.Ordinal).OrderBy(name => name.StartsWith("__", StringComparison.Ordinal)).ThenBy(name => name, StringComparer.Ordinal)];
        await archive.AddTextAsync(FileName, Csv.Write([columns, .. tests.Select(row => columns.Select(column => row.GetValueOrDefault(column, "")))]), cancellationToken);
    }

    private static string? Main(IImportFiles files)
    {
        string[] tables = [.. files.Names.Where(name => FileNames.HasExtension(name, ".csv"))];
        return tables.Length == 1 ? tables[0] : null;
    }

    private static Task<Case> ReadCaseAsync(IImportFiles files, string file, string[] header, string[] row, CaseIntake intake, CancellationToken cancellationToken)
    {
        if (row.Length != header.Length)
            throw new MalformedRecordException($"The row has {row.Length} fields, the header {header.Length}.");
        JsonObject variables = [], metadata = [], test = new() { ["vars"] = variables, ["metadata"] = metadata };
        var assertions = new JsonArray();
        string? metric = null;
        for (var i = 0; i < row.Length; i++)
        {
            if (row[i].Trim() is not { Length: > 0 } value)
                continue;
            switch (header[i])
            {
                case var name when Expected().IsMatch(name):
                    assertions.Add(PromptfooAssertionText.Read(value));
                    break;
                case var name when name.StartsWith(MetadataPrefix, StringComparison.Ordinal):
                    AddMetadata(metadata, name[MetadataPrefix.Length..], value);
                    break;
                case "__description":
                    test["description"] = value;
                    break;
                case "__metric":
                    metric = value;
                    break;
                case "__threshold":
                    test["threshold"] = double.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, out var threshold) ? threshold : throw new MalformedRecordException("The threshold is not a number.");
                    break;
                case var name when name.StartsWith("__", StringComparison.Ordinal):
                    intake.Note($"The column '{FileNames.Show(name)}' is not kept.");
                    break;
                default:
                    variables[header[i]] = value;
                    break;
            }
        }
        foreach (var assertion in assertions.OfType<JsonObject>().Where(_ => metric is not null))
            assertion["metric"] = metric;
        // One plain text to be equal to is the answer.
        if (!variables.ContainsKey("expected") && assertions is [JsonObject only] && (string?)only["type"] == "equals")
            variables["expected"] = only["value"]!.DeepClone();
        if (assertions.Count > 0)
            test["assert"] = assertions;
        return PromptfooTest.ReadAsync(files, file, ImportText.ToElement(test), null, intake, cancellationToken);
    }

    private static void AddMetadata(JsonObject metadata, string key, string value)
    {
        if (key.EndsWith("[]", StringComparison.Ordinal))
            metadata[key[..^2]] = JsonSerializer.SerializeToNode(UnescapedComma().Split(value).Select(item => item.Replace("\\,", ",", StringComparison.Ordinal).Trim()));
        else if (key == "regions")
            metadata[key] = JsonNode.Parse(ImportText.ParseJson(value).GetRawText());
        else
            metadata[key] = value;
    }

    private static Dictionary<string, string> Row(Case @case, IReadOnlyList<string> images, CaseOutlet outlet)
    {
        var test = PromptfooTest.Write(@case, images);
        var row = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in test["vars"]!.AsObject())
            row[name] = value!.GetValue<string>();
        foreach (var (name, value) in test["metadata"]!.AsObject())
        {
            if (value is JsonArray list && name != "regions")
                row[$"{MetadataPrefix}{name}[]"] = string.Join(',', list.Select(item => item!.GetValue<string>().Replace(",", "\\,", StringComparison.Ordinal)));
            else
                row[MetadataPrefix + name] = value is JsonArray ? value.ToJsonString(CaseJson.Lines) : value!.GetValue<string>();
        }
        for (var i = 0; i < @case.Assertions.Length; i++)
        {
            if (PromptfooAssertionText.TryWrite(@case.Assertions[i]) is { } text)
                row[$"__expected{i + 1}"] = text;
            else
                outlet.Lose("assertions");
        }
        return row;
    }

    [GeneratedRegex(@"\A__expected\d*\z", RegexOptions.NonBacktracking)]
    private static partial Regex Expected();

    [GeneratedRegex(@"(?<!\\),")]
    private static partial Regex UnescapedComma();
}
