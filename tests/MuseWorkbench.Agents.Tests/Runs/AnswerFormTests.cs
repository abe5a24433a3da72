using Microsoft.Extensions.AI;
using MuseWorkbench.Agents.Conversation;
using MuseWorkbench.Agents.Tests.Kit;
using MuseWorkbench.Core;
using static MuseWorkbench.Agents.Tests.Kit.ScriptedChatClient;

namespace MuseWorkbench.Agents.Tests.Runs;

/// <summary>Agents that are asked for a structured answer.</summary>
public class AnswerFormTests
{
    [Theory]
    [InlineData(AnswerForm.Food, "food")]
    [InlineData(AnswerForm.Steps, "steps")]
    [InlineData(AnswerForm.Values, "values")]
    public async Task Run_Form_IsToldInWordsAndBySchemaInsteadOfTools(AnswerForm form, string kind)
    {
        var model = Saying("{}");
        await using var bench = new RunBench(model);

        await bench.RunAsync(Asking(1, agent => agent with { Answer = form, Role = "Be brief." }));

        var call = Assert.Single(model.Calls);
        var format = Assert.IsType<ChatResponseFormatJson>(call.Options.ResponseFormat);
        Assert.Equal(kind, format.Schema!.Value.GetProperty("properties").GetProperty("kind").GetProperty("const").GetString());
        Assert.Equal($"How many?\n\nBe brief.\n\n{AnswerForms.Instruction(form)}", call.LastText);
        Assert.Contains($"\"kind\":\"{kind}\"", call.LastText, StringComparison.Ordinal);
        Assert.Null(call.Options.Tools);
    }

    [Fact]
    public async Task Run_NoForm_IsHeldToNone()
    {
        var model = Saying("3");
        await using var bench = new RunBench(model);

        await bench.RunAsync(Asking(1, agent => agent));

        Assert.Null(Assert.Single(model.Calls).Options.ResponseFormat);
    }

    [Fact]
    public async Task Run_FormWithALead_LeadAnswersAsTheStrategyReadsIt()
    {
        var model = new ScriptedChatClient(call => Tokens(call.Options.ResponseFormat is null ? "BEST: 1" : """{"kind":"values"}"""));
        await using var bench = new RunBench(model);
        var request = Asking(2, agent => agent with { Answer = AnswerForm.Values });

        var events = await bench.RunAsync(request with { Team = request.Team with { Strategy = "best-of-n" } });

        Assert.Equal(1, model.Calls.Count(call => call.Options.ResponseFormat is null));
        Assert.Equal("""{"kind":"values"}""", Assert.Single(events.OfType<FinalAnswer>()).Answer);
    }

    private static RunRequest Asking(int agents, Func<AgentSpec, AgentSpec> change)
    {
        var request = RunBench.Request(agents, "How many?");
        return request with { Team = request.Team with { Agents = [.. request.Team.Agents.Select(change)] } };
    }
}
