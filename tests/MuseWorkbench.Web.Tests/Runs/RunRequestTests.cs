using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using MuseWorkbench.Web.Tests.Kit;

namespace MuseWorkbench.Web.Tests.Runs;

/// <summary>What can't be run is refused with a JSON error that names what is wrong, in the asker's words.</summary>
public sealed class RunRequestTests
{
    private const string Team = """{"name":"T","agents":[{"name":"A"}]}""";

    [Theory]
    [InlineData("""{"prompt":""", "not JSON (line 1, byte 11)")]
    [InlineData("", "not JSON")]
    [InlineData("null", "is empty")]
    [InlineData("[]", "$")]
    [InlineData("""{"prompt":"x"}""", "lacks 'team'")]
    [InlineData("""{"prompt":"x","team":{"name":"T","agents":null}}""", "$.team.agents")]
    [InlineData("""{"prompt":"x","team":{"name":"T","agents":[]}}""", "no agents")]
    [InlineData("""{"prompt":"\ud800","team":{"name":"T","agents":[{"name":"A"}]}}""", "$.prompt")]
    [InlineData("""{"prompt":"x","images":[null],"team":""" + Team + "}", "upload it first")]
    public async Task Start_BadRequest_400NamesWhatIsWrong(string body, string named)
    {
        await using var workbench = await TestWorkbench.StartAsync();

        using var response = await PostAsync(workbench, body, "application/json");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var message = await MessageAsync(response);
        Assert.Contains(named, message, StringComparison.Ordinal);
        Assert.DoesNotContain("MuseWorkbench.", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_NotSentAsJson_415()
    {
        await using var workbench = await TestWorkbench.StartAsync();

        using var response = await PostAsync(workbench, "{}", "text/plain");

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Contains("application/json", await MessageAsync(response), StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> PostAsync(TestWorkbench workbench, string body, string type) =>
        workbench.Owner.PostAsync("/api/runs", new StringContent(body, Encoding.UTF8, type), TestContext.Current.CancellationToken);

    private static async Task<string> MessageAsync(HttpResponseMessage response) =>
        (string)JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["error"]!["message"]!;
}
