using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using MuseWorkbench.Agents.Tests.Kit;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tests.Runs;

/// <summary>docs/run-events.md shows every event, exactly as it is written.</summary>
public partial class RunEventDocumentTests
{
    [Fact]
    public void Examples_ReadAndWrittenAgain_Unchanged() =>
        Assert.All(Examples(), example =>
        {
            var runEvent = JsonSerializer.Deserialize<RunEvent>(example, MuseJson.Options);
            var written = JsonSerializer.SerializeToNode(runEvent, MuseJson.Options);
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(example), written), $"{example}\n{written!.ToJsonString()}");
        });

    [Fact]
    public void Examples_EveryEvent_Shown() =>
        Assert.Equal(
            typeof(RunEvent).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(a => (string)a.TypeDiscriminator!).Order(),
            Examples().Select(e => JsonNode.Parse(e)!["type"]!.GetValue<string>()).Order());

    private static List<string> Examples() =>
        [.. JsonBlock().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "run-events.md"))).Select(m => m.Groups[1].Value)];

    [GeneratedRegex(@"^```json\n(.+?)\n```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex JsonBlock();
}
