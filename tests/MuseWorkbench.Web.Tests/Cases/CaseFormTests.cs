using System.Text.Json;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Cases.Edit;
using MuseWorkbench.Web.Tests.Components;

namespace MuseWorkbench.Web.Tests.Cases;

public sealed class CaseFormTests
{
    private static readonly Case s_kept = new()
    {
        Id = "a",
        Prompt = "How many?",
        Images = [RunScript.Image, RunScript.Image with { Sha256 = new string('b', 64) }],
        Choices = ["1", "2"],
        Expected = "2",
        Regions = [new Region("egg", 0.1, 0.2, 0.3, 0.4), new Region("", 0.5, 0.5, 0.5, 0.5, 1)],
        Table = "food,kcal\negg,78",
        Assertions = [Json("""{"type":"javascript","value":"output.length"}"""), Json("""{"type":"numeric","value":2}""")],
        Tags = ["hard"],
        Split = "test",
        Notes = "Look",
        Provenance = new CaseProvenance { Format = "coco" },
    };

    [Fact]
    public void ToCase_NothingTouched_IsTheCaseAsItWas()
    {
        var form = new CaseForm(s_kept);

        Assert.False(form.IsChanged);
        Assert.Empty(form.FindProblems());
        Assert.Equal(CaseContent.Hash(s_kept), CaseContent.Hash(form.ToCase()));
        Assert.Equal(s_kept.Provenance, form.ToCase().Provenance);
    }

    [Fact]
    public void ToCase_NewWithoutId_GetsOneFromItsContent()
    {
        var form = new CaseForm(null) { Prompt = "?" };

        Assert.True(form.IsChanged);
        Assert.StartsWith("case-", form.ToCase().Id, StringComparison.Ordinal);
    }

    [Fact]
    public void FindProblems_NothingAsked_IsThePrompts() => Assert.Equal("prompt", Assert.Single(new CaseForm(null).FindProblems()).Field);

    [Fact]
    public void Remove_AnImage_ItsPlacesGoAndTheOthersFollow()
    {
        var form = new CaseForm(s_kept);
        form.Remove(form.Images[0]);

        Assert.Equal(0, Assert.Single(form.Regions).ImageIndex);
        Assert.Empty(form.FindProblems());
    }

    [Fact]
    public void Text_NotJson_StaysAsTypedAndKeepsFromSaving()
    {
        var form = new CaseForm(s_kept);
        form.Assertions.Read("[{\"type\": \"numeric\",");

        Assert.Equal("[{\"type\": \"numeric\",", form.Assertions.ToText());
        Assert.StartsWith("This is not JSON", Assert.Single(form.FindProblems()).Text, StringComparison.Ordinal);
        Assert.True(form.IsChanged);
        form.Assertions.DropText();
        Assert.False(form.IsChanged);
    }

    [Fact]
    public void Row_WrongValueTyped_IsSaidAndKept()
    {
        var form = new CaseForm(s_kept);
        var row = form.Assertions.Rows[1];
        row.Set("value", FieldKind.Number, "two");

        Assert.Equal("two", row.Text("value"));
        Assert.Equal("Check 2: 'value' can't be read.", Assert.Single(form.FindProblems()).Text);
        row.Set("value", FieldKind.Number, "2");
        Assert.Empty(form.FindProblems());
    }

    [Fact]
    public void Row_UnknownKind_StaysAsItCame()
    {
        var row = new CaseForm(s_kept).Assertions.Rows[0];

        Assert.Null(row.Kind);
        Assert.Null(row.Fault);
        Assert.Equal("""{"type":"javascript","value":"output.length"}""", row.Fields.ToJsonString());
    }

    [Fact]
    public void Row_WithoutWhatItsKindNeeds_SaysWhat()
    {
        var row = new CaseForm(null).Assertions.Add("numeric");

        Assert.Equal("it lacks 'value'.", row.Fault);
        row.SetType("contains", not: true);
        row.Set("value", FieldKind.Lines, "a\nb");
        Assert.StartsWith("'value' is one text", row.Fault, StringComparison.Ordinal);
        row.SetType("contains-any", not: true);
        Assert.Null(row.Fault);
        Assert.Equal("""{"type":"not-contains-any","value":["a","b"]}""", row.Fields.ToJsonString());
    }

    [Theory]
    [InlineData("numeric")]
    [InlineData("iou")]
    [InlineData("tool-called")]
    [InlineData("latency")]
    [InlineData("is-json")]
    public void Kind_EveryScorer_SaysWhatCanBeSet(string type)
    {
        var kind = new CaseForm(null).Assertions.Add(type).Kind!;

        Assert.NotEmpty(kind.Settings);
        Assert.NotEmpty(kind.Channels);
    }

    [Fact]
    public void Place_EdgesInEitherOrder_AreTurnedAndClamped()
    {
        var region = new RegionForm(new Region("egg", 0.1, 0.1, 0.2, 0.2));
        region.Place(0.9, 1.4, 0.3, -1);

        Assert.Equal((0.3, 0, 0.9, 1), (region.X0, region.Y0, region.X1, region.Y1));
    }

    [Fact]
    public void Move_Polygon_TakesItsCornersAlongAndStopsAtTheEdge()
    {
        var region = new RegionForm(new Region("", 0.5, 0.5, 0.9, 0.7) { Polygon = [0.5, 0.5, 0.9, 0.5, 0.7, 0.7] });
        region.Move(0.5, -0.1);

        Assert.Equal((0.6, 0.4, 1.0, 0.6), (region.X0, region.Y0, region.X1, region.Y1));
        Assert.Equal([0.6, 0.4, 1, 0.4, 0.8, 0.6], region.ToRegion().Polygon!.Value);
        region.Resize(-2, 0);
        Assert.Equal(region.X0, region.X1);
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
