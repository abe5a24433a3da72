using Bunit;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Teams;
using MuseWorkbench.Web.Tests.Components;

namespace MuseWorkbench.Web.Tests.Teams;

public sealed class AgentFieldsTests : WorkbenchBunit
{
    private readonly AgentDraft _agent = new(new AgentSpec { Name = "One" });

    [Fact]
    public void Model_NobodyServesIt_SaysSoAndWhatThereIs()
    {
        var fields = RenderFields("muse-mini", "qwen3-vl");

        fields.Find("#a-m").Change("muse-mini");
        Assert.Empty(fields.FindAll(".unknown"));

        fields.Find("#a-m").Change("muse-mimi");
        Assert.Equal("No server serves “muse-mimi” now. There are muse-mini, qwen3-vl.", fields.Find(".unknown").TextContent.Trim());
    }

    [Fact]
    public void Model_NothingKnownOfServers_IsTakenAsItIs()
    {
        var fields = RenderFields();

        fields.Find("#a-m").Change("muse-mimi");

        Assert.Empty(fields.FindAll(".unknown"));
        Assert.Equal("muse-mimi", _agent.ToSpec().Model);
    }

    [Fact]
    public void Sampling_TopKAndMinP_AreKeptAndTold()
    {
        var fields = RenderFields();

        fields.Find("#a-k").Change("40");
        fields.Find("#a-mp").Change("0.05");

        Assert.Equal((40, 0.05), (_agent.ToSpec().Sampling.TopK, _agent.ToSpec().Sampling.MinP));
        Assert.Contains("Sampling top-k 40, min-p 0.05 · View whole image · Tools calculator", fields.Find("summary").TextContent, StringComparison.Ordinal);
    }

    private IRenderedComponent<AgentFields> RenderFields(params string[] models) => Render<AgentFields>(p => p
        .Add(x => x.Agent, _agent).Add(x => x.Id, "a").Add(x => x.Colour, "a1").Add(x => x.Models, [.. models]));
}
