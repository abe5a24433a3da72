using System.Text.Json;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Cases;

namespace MuseWorkbench.Curation.Tests.Cases;

public class CaseRulesTests
{
    private static readonly ImageRef s_image = new(new string('a', 64), "image/png", 10, 10, "a.png");
    private static readonly Case s_good = new() { Id = "a", Prompt = "?", Images = [s_image] };

    [Fact]
    public void Check_GoodCase_FindsNothing() => Assert.Empty(CaseRules.Check(s_good));

    [Fact]
    public void FindProblems_SeveralFields_NamesEach() => Assert.Equal(
        ["choices", "tags"],
        CaseRules.FindProblems(s_good with { Choices = ["a", "a"], Tags = [new string('a', 65)] }).Select(problem => problem.Field));

    public static TheoryData<string, string> Faults() => new()
    {
        { "id", "The id is 0 characters long" },
        { "long id", "The id is 129 characters long" },
        { "invisible id", "a character that can't be seen" },
        { "nothing asked", "neither a question nor an image" },
        { "long prompt", "The question is 32,001 characters long" },
        { "images", "9 images are too many" },
        { "image size", "no valid size or hash" },
        { "choices", "65 choices are too many" },
        { "empty choice", "A choice is empty" },
        { "same choice", "A choice stands twice" },
        { "outside", "lies outside its image" },
        { "wrong order", "lies outside its image, or its edges" },
        { "not a number", "lies outside its image" },
        { "other image", "an image that the case does not have" },
        { "two corners", "A polygon needs 3" },
        { "torn table", "The table is not CSV: the quotation mark in line 1 is never closed." },
        { "wide table", "more than 5,000 rows or 64 columns" },
        { "assertion", "not an object with a type" },
        { "typeless", "not an object with a type" },
        { "tags", "21 tags are too many" },
        { "long tag", "A tag is longer" },
        { "split", "The split is longer" },
        { "notes", "The notes are 20,001 characters long" },
    };

    [Theory, MemberData(nameof(Faults))]
    public void Check_OneFault_SaysWhich(string kind, string expected) =>
        Assert.Contains(expected, Assert.Single(CaseRules.Check(Make(kind))), StringComparison.Ordinal);

    [Fact]
    public void Normalise_UntidyCase_IsTidied()
    {
        var tidy = CaseRules.Normalise(new Case
        {
            Id = " a ", Prompt = "one\r\ntwo \ud800\u0000", Expected = "  ", Tags = ["b", " a", "A", ""], Split = "", Notes = null!, Regions = [new(null!, 0.12345678, 0, 1, 1)],
        });

        Assert.Equal(("a", "one\ntwo \ufffd\ufffd", null, null, ""), (tidy.Id, tidy.Prompt, tidy.Expected, tidy.Split, tidy.Notes));
        Assert.Equal(["a", "b"], tidy.Tags);
        Assert.Equal(new Region("", 0.123457, 0, 1, 1), Assert.Single(tidy.Regions));
    }

    [Fact]
    public void Hash_OtherIdOriginOrImageName_IsTheSame()
    {
        var same = s_good with { Id = "b", Provenance = new() { Format = "x" }, Images = [s_image with { Name = "b.png" }] };

        Assert.Equal(CaseContent.Hash(s_good), CaseContent.Hash(same));
        Assert.NotEqual(CaseContent.Hash(s_good), CaseContent.Hash(s_good with { Notes = "n" }));
        Assert.Empty(CaseContent.ChangedFields(s_good, same));
    }

    [Fact]
    public void ChangedFields_EveryField_IsNamedInOrder()
    {
        var other = new Case
        {
            Id = "a", Prompt = "!", Choices = ["x"], Expected = "x", Regions = [new("", 0, 0, 1, 1)], Table = "a", Assertions = [JsonDocument.Parse("""{"type":"equals"}""").RootElement],
            Tags = ["t"], Split = "test", Notes = "n",
        };

        Assert.Equal(["prompt", "images", "choices", "expected", "regions", "table", "assertions", "tags", "split", "notes"], CaseContent.ChangedFields(s_good, other));
    }

    private static Case Make(string kind) => kind switch
    {
        "id" => s_good with { Id = "" },
        "long id" => s_good with { Id = new string('a', 129) },
        "invisible id" => s_good with { Id = "a\u200eb" },
        "nothing asked" => s_good with { Prompt = "", Images = [] },
        "long prompt" => s_good with { Prompt = new string('a', 32_001) },
        "images" => s_good with { Images = [.. Enumerable.Repeat(s_image, 9)] },
        "image size" => s_good with { Images = [s_image with { Width = 0 }] },
        "choices" => s_good with { Choices = [.. Enumerable.Range(0, 65).Select(i => $"{i}")] },
        "empty choice" => s_good with { Choices = ["a", ""] },
        "same choice" => s_good with { Choices = ["a", "a"] },
        "outside" => s_good with { Regions = [new("", 0, 0, 1.5, 1)] },
        "wrong order" => s_good with { Regions = [new("", 0.5, 0, 0.4, 1)] },
        "not a number" => s_good with { Regions = [new("", double.NaN, 0, 1, 1)] },
        "other image" => s_good with { Regions = [new("", 0, 0, 1, 1, 1)] },
        "two corners" => s_good with { Regions = [new Region("", 0, 0, 1, 1) { Polygon = [0, 0, 1, 1] }] },
        "torn table" => s_good with { Table = "\"a" },
        "wide table" => s_good with { Table = new string(',', 200) },
        "assertion" => s_good with { Assertions = [JsonDocument.Parse("5").RootElement] },
        "typeless" => s_good with { Assertions = [JsonDocument.Parse("{\"type\":5}").RootElement] },
        "tags" => s_good with { Tags = [.. Enumerable.Range(0, 21).Select(i => $"{i}")] },
        "long tag" => s_good with { Tags = [new string('a', 65)] },
        "split" => s_good with { Split = new string('a', 41) },
        "notes" => s_good with { Notes = new string('a', 20_001) },
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}
