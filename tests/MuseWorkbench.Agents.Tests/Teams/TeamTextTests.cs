using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Agents.Teams;
using MuseWorkbench.Agents.Tests.Kit;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tests.Teams;

public class TeamTextTests
{
    private static readonly StrategyCatalogue s_strategies =
        new ServiceCollection().AddMuseAgents().BuildServiceProvider().GetRequiredService<StrategyCatalogue>();

    private static readonly TeamSpec s_team = new()
    {
        Name = "no: a \"team\" # of one's own", Strategy = "synthesis",
        Options = new StrategyOptions { ContextTokens = 512, ShareReasoning = false },
        Lead = new AgentSpec { Name = "Head", Model = "big-model" },
        Agents =
        [
            new AgentSpec { Name = "12", Role = "Line one.\n- line two: yes\n", Sampling = new SamplingSpec { Temperature = 0.35, Seed = uint.MaxValue } },
            new AgentSpec { Name = "true", MaxTokens = 64, View = new() { Area = ViewArea.Box, Box = new(0.1, 0, 0.9, 1), Flip = true, Tone = ViewTone.Contrast } },
            new AgentSpec { Name = "no tools", Tools = [] },
            new AgentSpec { Name = "tools", Tools = ["crop", "table_lookup"], ToolUse = ToolUse.Required },
        ],
    };

    public static TheoryData<TeamFormat, string> Teams =>
        [.. from format in Enum.GetValues<TeamFormat>() from name in s_strategies.All.Select(s => s.Name).Append("") select (format, name)];

    [Theory]
    [MemberData(nameof(Teams))]
    public void WriteThenRead_AnyFormat_SameTeam(TeamFormat format, string strategy)
    {
        var team = strategy.Length == 0 ? s_team : TeamPresets.For(s_strategies.Find(strategy)!);

        var text = TeamText.Write(team, format);

        Assert.Equal(TeamHash.Of(team), TeamHash.Of(TeamText.Read(text)));
        Assert.Contains(TeamSchema.FileName, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"name\":\"x\"}", "The team lacks 'agents'.")]
    [InlineData("name: x\nagents: []\nstrategie: debate", "There is no field 'strategie' in a team.")]
    [InlineData("name: x\nagents:\n- name: a\n  temperature: 1", "There is no field 'temperature' at agents[0].temperature.")]
    [InlineData("name: x\nagents:\n- name: a\n  maxTokens: many", "What stands at agents[0].maxTokens is not what is expected there.")]
    [InlineData("name: 12\nagents: []", "What stands at name is not what is expected there.")]
    [InlineData("{\"name\":", "This is not JSON: line 1 can't be read.")]
    [InlineData("{\"name\":\"a\",\"name\":\"b\",\"agents\":[]}", "A field stands twice in the same place.")]
    [InlineData("name: x\nname: y", "Line 2: 'name' stands twice.")]
    [InlineData("name: x\nagents: }", "This is not YAML: line 2 can't be read.")]
    [InlineData("just words", "The text holds no team: a mapping with 'name', 'strategy' and 'agents' is expected.")]
    [InlineData("", "The text holds no team: a mapping with 'name', 'strategy' and 'agents' is expected.")]
    [InlineData("name: &a x\nagents: []", "Line 1 holds an anchor, which is not read here.")]
    [InlineData("name: x\nagents: *a", "Line 2 holds an alias, which is not read here.")]
    [InlineData("name: !!str x\nagents: []", "Line 1 holds a tag, which is not read here.")]
    [InlineData("name: x\n---\nname: y", "The text holds several documents; one is expected.")]
    public void Read_NotATeam_SaysWhereAndWhy(string text, string reason) =>
        Assert.Equal(reason, Assert.Throws<TeamFormatException>(() => TeamText.Read(text)).Message);

    [Theory]
    [InlineData('[')]
    [InlineData('{')]
    public void Read_NestedVeryDeep_IsRefused(char bracket)
    {
        var deep = "name: " + new string(bracket, 100_000);

        Assert.Throws<TeamFormatException>(() => TeamText.Read(deep));
    }

    [Fact]
    public void Read_TooLong_IsRefused() =>
        Assert.Throws<TeamFormatException>(() => TeamText.Read("# " + new string('x', TeamText.MaxLength)));

    [Fact]
    public void Hash_SameContent_SameHashWhateverTheText()
    {
        var one = TeamText.Read("{\"agents\":[{\"name\":\"A\"}],\"name\":\"x\"}");
        var two = TeamText.Read("name: x\nstrategy: self-consistency\nagents:\n  - {name: A, maxTokens: 512}\n");

        Assert.Equal(TeamHash.Of(one), TeamHash.Of(two));
        Assert.NotEqual(TeamHash.Of(one), TeamHash.Of(one with { Name = "y" }));
    }

    [Fact]
    public void Schema_Published_IsTheOneInTheDocumentation()
    {
        var file = Path.Combine(Repository.Root, "docs", TeamSchema.FileName);
        var schema = TeamSchema.Write(s_strategies);

        Assert.True(File.ReadAllText(file) == schema, $"Write this to docs/{TeamSchema.FileName}:\n{schema}");
    }

    [Fact]
    public void Schema_Ranges_AreThoseThatAreChecked()
    {
        var schema = JsonNode.Parse(TeamSchema.Write(s_strategies))!;
        var options = schema["properties"]!["options"]!["properties"]!;

        Assert.All(StrategyOptionList.All.Where(o => o.Choices.IsEmpty), option =>
            Assert.Equal((option.Least, option.Most), ((double)options[option.Name]!["minimum"]!, (double)options[option.Name]!["maximum"]!)));
        Assert.Equal(StrategyOptionList.All.Select(o => o.Name).Order(), options.AsObject().Select(field => field.Key).Order());
        Assert.Equal(32, (int)schema["properties"]!["agents"]!["maxItems"]!);
        Assert.Equal(s_strategies.All.Length, schema["properties"]!["strategy"]!["enum"]!.AsArray().Count);
    }

    public static TheoryData<string> Names => [.. s_strategies.All.Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Preset_OfEachStrategy_CanBeRunAndReckoned(string name)
    {
        var strategy = s_strategies.Find(name)!;
        var team = TeamPresets.For(strategy);

        Assert.Null(TeamRules.Fault(team) ?? s_strategies.Fault(team));
        var cost = CostEstimate.Of(strategy, team, 44, 1, _ => null);
        Assert.InRange(cost.CriticalPathTokens, 512, cost.GeneratedTokens);
        Assert.InRange(cost.Cells, 300 + 512, 300 + cost.GeneratedTokens + cost.ContextTokens);
    }

    [Fact]
    public void Cost_BestOfN_CountsEveryCallOnce()
    {
        var team = RunBench.Request(4).Team with { Strategy = BestOfN.StrategyName, Options = new() { ContextTokens = 1000 } };

        var cost = CostEstimate.Of(s_strategies.Find(team.Strategy)!, team, CostEstimate.OfText("How many?"), 1, _ => null);

        Assert.Equal(new CostEstimate(259, 1000, 5 * 512, 2 * 512, 5, 259 + (4 * 512)), cost);
    }

    [Fact]
    public void Cost_LargerViews_CountTheirImagesBySizeAndEqualOnesOnce()
    {
        var team = RunBench.Request(4).Team;
        team = team with { Agents = [team.Agents[0], team.Agents[1] with { View = new() { Scale = 2 } }, team.Agents[2] with { View = new() { Scale = 2 } }, team.Agents[3] with { View = new() { Scale = 0.5 } }] };

        var model = new ModelInfo { Id = "m", ContextLength = 4096, Vision = true, ImageTokens = 100 };

        Assert.Equal(3 * 10 + 100 + 400 + 25, Tokens(model));
        // Brought to one size by the model, views are alike.
        Assert.Equal(3 * (10 + 100), Tokens(model with { ImageFit = ImageFit.PadSquare }));

        int Tokens(ModelInfo of) => CostEstimate.Of(s_strategies.Find("self-consistency")!, team, 10, 1, _ => of).PromptTokens;
    }
}
