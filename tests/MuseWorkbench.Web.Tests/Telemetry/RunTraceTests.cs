using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using MuseWorkbench.Tests.Otlp;
using MuseWorkbench.Web.Tests.Kit;

namespace MuseWorkbench.Web.Tests.Telemetry;

/// <summary>One run over the whole system: the workbench, an engine node of its own with the model that comes along, and a collector.</summary>
public sealed class RunTraceTests
{
    private const string Request =
        """{"prompt":"How many?","team":{"name":"Pair","agents":[{"name":"First","maxTokens":8,"sampling":{"seed":1,"temperature":0.7}},{"name":"Second","maxTokens":8,"sampling":{"seed":2}}]}}""";

    [Fact]
    public async Task Run_TwoAgents_IsOneTraceFromTheRunToTheEnginesPhases()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(90));
        await using var collector = await OtlpReceiver.StartAsync(patience.Token);
        await using var workbench = await TestWorkbench.StartAsync(["--Node:Start=true", .. collector.Settings]);
        using var started = await workbench.Owner.PostAsync("/api/runs", new StringContent(Request, Encoding.UTF8, "application/json"), patience.Token);
        var id = (string)(await started.Content.ReadFromJsonAsync<JsonNode>(patience.Token))!["runId"]!;

        var run = Assert.Single(await collector.SpansAsync(1, s => s.Name == "invoke_workflow Pair" && id.Equals(s.Attributes["muse.run.id"]), patience.Token));
        // The run, two agents, two requests as the workbench sees them, two as the node does, three phases each.
        var trace = await collector.SpansAsync(13, s => s.TraceId == run.TraceId, patience.Token);

        Assert.Equal(("", "muse-workbench", "completed"), (run.ParentId, run.Resource["service.name"], run.Attributes["muse.run.outcome"]));
        var agents = Children(run, "invoke_agent");
        Assert.Equal(["First", "Second"], agents.Select(a => a.Attributes["gen_ai.agent.name"]).Order());
        foreach (var agent in agents)
        {
            var asked = Assert.Single(Children(agent, "chat"));
            Assert.Equal((3, "MuseWorkbench.Agents", "chat muse-mini"), (asked.Kind, asked.Scope, asked.Name));
            var served = Assert.Single(Children(asked, "chat"));
            Assert.Equal((2, "MuseWorkbench.EngineNode", "muse-engine-node"), (served.Kind, served.Scope, served.Resource["service.name"]));
            Assert.Equal((id, agent.Attributes["gen_ai.agent.name"]), (served.Attributes["muse.run.id"], served.Attributes["gen_ai.agent.name"]));
            foreach (var usage in new[] { "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens" })
            {
                Assert.True((long)served.Attributes[usage] > 0);
                Assert.Equal(served.Attributes[usage], asked.Attributes[usage]);
                Assert.Equal(served.Attributes[usage], agent.Attributes[usage]);
            }

            var phases = trace.Where(s => s.ParentId == served.SpanId).OrderBy(s => s.Start).ThenBy(s => s.End).ToArray();
            Assert.Equal(["queue", "prefill", "decode"], phases.Select(s => s.Name));
            Assert.True(phases.Sum(s => s.Milliseconds) <= served.Milliseconds + 5);
        }

        var tokens = await collector.PointAsync(
            p => p.Metric == "gen_ai.client.token.usage" && "input".Equals(p.Attributes["gen_ai.token.type"]) && p.Count >= 2, patience.Token);
        Assert.Equal("{token}", tokens.Unit);
        Assert.True((await collector.PointAsync(p => p.Metric == "muse.engine.generation_tokens" && p.Value > 0, patience.Token)).Value > 0);

        List<OtlpSpan> Children(OtlpSpan parent, string name) =>
            [.. trace.Where(s => s.ParentId == parent.SpanId && s.Name.StartsWith(name, StringComparison.Ordinal))];
    }
}
