using System.Collections.Immutable;
using System.Text.Json;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Cases;
using MuseWorkbench.Curation.Exchange;
using MuseWorkbench.Curation.Tests.Kit;

namespace MuseWorkbench.Curation.Tests.Exchange;

/// <summary>What a format says it keeps comes back as it was.</summary>
public class RoundTripTests
{
    private static readonly byte[] s_wide = Pngs.Grey(217, 31, 1), s_tall = Pngs.Grey(3, 100, 2);

    public static TheoryData<string> Formats() => [.. CaseFormats.All.Select(format => format.Id)];

    [Theory, MemberData(nameof(Formats))]
    public async Task Import_WhatWasExported_GivesEqualCases(string id)
    {
        var format = CaseFormats.Find(id)!;
        var from = new Bench();
        var cases = Samples(from);
        var (bytes, exported) = await from.ExportAsync(format, cases);
        var to = new Bench();

        var report = await ImportAsync(to, format, bytes);

        Assert.True(report.IsKept, string.Join('\n', report.Faults));
        Assert.Empty(report.Skipped);
        Assert.Equal(exported.Written, report.Taken);
        var written = cases.Where(@case => exported.Skipped.All(skip => skip.Place != @case.Id)).ToArray();
        Assert.NotEmpty(written);
        if (format.Keeps.Contains("id"))
            Assert.Equal(written.Select(@case => @case.Id).Order(StringComparer.Ordinal), to.Cases.Select(@case => @case.Id).Order(StringComparer.Ordinal));
        // A format may put each split in a place of its own.
        Assert.Equal(written.Select(@case => Kept(@case, format)).Order(StringComparer.Ordinal), to.Cases.Select(@case => Kept(@case, format)).Order(StringComparer.Ordinal));
        Assert.Equal(written.SelectMany(@case => @case.Images).Select(image => image.Sha256).Distinct().Order(), to.Images.Keys.Order());
    }

    [Theory, MemberData(nameof(Formats))]
    public async Task Export_SameCasesTwice_IsTheSameToTheByte(string id)
    {
        var bench = new Bench();
        var cases = Samples(bench);

        var (first, _) = await bench.ExportAsync(CaseFormats.Find(id)!, cases);
        var (second, _) = await bench.ExportAsync(CaseFormats.Find(id)!, cases);

        Assert.Equal(first, second);
    }

    [Theory, MemberData(nameof(Formats))]
    public async Task Recognise_WhatWasExported_IsThatFormat(string id)
    {
        var bench = new Bench();
        var format = CaseFormats.Find(id)!;
        var (bytes, _) = await bench.ExportAsync(format, Samples(bench));
        using var content = new MemoryStream(bytes);

        using var files = Open(format, content);

        Assert.Equal(id, CaseFormats.Recognise(files)?.Id);
    }

    [Theory, MemberData(nameof(Formats))]
    public async Task Export_ImageGone_IsReported(string id)
    {
        var bench = new Bench();
        var cases = Samples(bench);
        bench.Images.Remove(Pngs.Ref(s_tall).Sha256);

        var (_, report) = await bench.ExportAsync(CaseFormats.Find(id)!, cases);

        Assert.Contains(report.Skipped, skip => skip.Place == "two-images" && skip.Reason.Contains("not here any more", StringComparison.Ordinal));
    }

    private static IImportFiles Open(ICaseFormat format, Stream content) =>
        format.Extension is ".zip" or ".eval" ? new ZipImportFiles("export.zip", content) : new SingleImportFile("export" + format.Extension, content);

    private static async Task<ImportReport> ImportAsync(Bench to, ICaseFormat format, byte[] bytes)
    {
        using var content = new MemoryStream(bytes);
        using var files = Open(format, content);
        return await to.ImportAsync(files, format);
    }

    /// <summary>The content, as far as the format keeps it.</summary>
    private static string Kept(Case @case, ICaseFormat format)
    {
        var fields = JsonSerializer.SerializeToNode(@case with { Images = [.. @case.Images.Select(image => image with { Name = "" })] }, MuseJson.Options)!.AsObject();
        foreach (var name in fields.Select(field => field.Key).Where(name => !format.Keeps.Contains(name)).ToArray())
            fields.Remove(name);
        return fields.ToJsonString();
    }

    private static Case[] Samples(Bench bench)
    {
        var (wide, tall) = (bench.Keep(s_wide), bench.Keep(s_tall));
        Case[] cases =
        [
            new Case { Id = "plain", Prompt = "How many eggs?", Images = [wide], Expected = "3", Tags = ["ability:count", "hard"], Split = "test" },
            new Case
            {
                Id = "two-images", Prompt = "Which one is \"taller\", the first, or\nthe second?", Images = [wide, tall], Choices = ["the first", "the second", "both, alike"],
                Expected = "the second", Notes = "Two\nlines; a comma, a quote \".",
                Regions = [new("egg", 0.1234567, 0, 0.987654, 1), new("", 0.5, 0.25, 0.5, 0.25, 1), new("nest", 0.1, 0.1, 0.9, 0.8, 1) { Polygon = [0.1, 0.1, 0.9, 0.123456, 0.333333, 0.8] }],
            },
            new Case { Id = "ünïcode ✓ 𝒳", Prompt = "Où est le 𝒳? 在哪里？", Images = [wide], Expected = "là-bas, \"ici\"", Tags = ["a,b", "c: d"], Split = "my own" },
            new Case { Id = "yaml: traps", Prompt = "no", Images = [tall], Expected = "null", Notes = "- 1e3", Tags = ["true", "~"], Split = "train" },
            new Case
            {
                Id = "checked", Prompt = "=1+1?", Images = [tall], Expected = "2", Table = "a,b\n1,\"x, y\"",
                Assertions = [Json("""{"type":"contains-any","value":["2","two"]}"""), Json("""{"type":"not-regex","value":"^[a-z]+$"}"""), Json("""{"type":"levenshtein","threshold":3,"value":"2"}""")],
            },
            new Case { Id = "text-only", Prompt = "What is 1 + 1?", Expected = "2" },
        ];
        return [.. cases.Select(CaseRules.Normalise)];
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
