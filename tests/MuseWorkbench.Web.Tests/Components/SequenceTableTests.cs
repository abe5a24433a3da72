using Bunit;
using Microsoft.Extensions.DependencyInjection;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Engine;

namespace MuseWorkbench.Web.Tests.Components;

public sealed class SequenceTableTests : WorkbenchBunit
{
    private static readonly Guid s_run = Guid.Parse("0190aaaa-0000-7000-8000-000000000001");

    private readonly FakeMonitor _monitor = new();
    private readonly ManualTime _time = new();

    public SequenceTableTests()
    {
        Services.AddSingleton<INodeMonitor>(_monitor);
        Services.AddSingleton<IRunService>(new HeldRuns(new RunSummary(s_run, DateTimeOffset.UnixEpoch, "How many circles?", "Team", 2, null, null)));
        Services.AddSingleton<TimeProvider>(_time);
    }

    [Fact]
    public void Table_NoSequences_SaysSo()
    {
        var table = Render<SequenceTable>();

        Assert.Equal("Nothing runs, and no prompt is kept", table.Find(".none").TextContent);
    }

    [Fact]
    public void Table_NotReady_SaysSo()
    {
        _monitor.Become(new NodeStatus(NodePhase.Loading));

        Assert.Equal("The engine is not ready", Render<SequenceTable>().Find(".none").TextContent);
    }

    [Fact]
    public void Table_Sequences_ShowStateRunAgentTokensAndCells()
    {
        Tell(
            Sequence("a", SequenceState.Prefilling) with { Run = s_run.ToString(), Agent = "Scout", PromptTokens = 1200, CachedTokens = 600, ProcessedTokens = 100, SharedCells = 600, PrivateCells = 100, AgeSeconds = 0.25 },
            Sequence("b", SequenceState.Queued) with { Run = "elsewhere", IsFollowing = true },
            Sequence("prefix-1", SequenceState.Pinned) with { PromptTokens = 300, PrivateCells = 300 });

        var table = Render<SequenceTable>();

        Assert.Equal("1 running, 1 waiting, 1 prompt kept", table.Find("header .mut").TextContent);
        var rows = table.FindAll("tbody tr").Select(row => row.QuerySelectorAll("td").Select(cell => cell.TextContent.Trim()).ToArray()).ToArray();
        Assert.Equal(["prefill", "How many circles?Scout", "Scout", "700 / 1,200 · 50 % cached", "–", "0", "600", "100", "250 ms"], rows[0]);
        Assert.Equal(["follows", "elsewhere", "–", "10", "–", "0", "0", "0", "–"], rows[1]);
        Assert.Equal(["kept", "–", "–", "300", "–", "–", "0", "300", "–"], rows[2]);
    }

    [Fact]
    public void Table_VeryMany_ShowsTheFirstHundredAndHowManyMore()
    {
        Tell([.. Enumerable.Range(0, 250).Select(i => Sequence($"s{i}", SequenceState.Queued))]);

        var table = Render<SequenceTable>();

        Assert.Equal(100, table.FindAll("tbody tr").Count);
        Assert.Equal("and 150 more", table.Find(".more").TextContent);
    }

    [Fact]
    public void Table_Ticks_AsksTwiceASecondAndNeverTwiceAtOnce()
    {
        var asked = 0;
        var answer = new TaskCompletionSource<IReadOnlyList<EngineSequence>>();
        _monitor.Sequences = () =>
        {
            asked++;
            return answer.Task;
        };
        var table = Render<SequenceTable>();

        // Nobody has answered yet.
        _time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Equal(1, asked);
        table.InvokeAsync(() => answer.SetResult([Sequence("a", SequenceState.Decoding)]));
        table.WaitForAssertion(() => Assert.Single(table.FindAll("tbody tr")));
    }

    [Fact]
    public void Table_NodeDoesNotAnswer_KeepsWhatItShowsAndSaysSo()
    {
        Tell(Sequence("a", SequenceState.Decoding));
        var table = Render<SequenceTable>();
        _monitor.Sequences = () => throw new HttpRequestException("refused");

        _time.Advance(TimeSpan.FromMilliseconds(500));

        table.WaitForAssertion(() => Assert.Contains("does not answer", table.Find(".chip.warn").TextContent, StringComparison.Ordinal));
        Assert.Single(table.FindAll("tbody tr"));
    }

    [Fact]
    public void Table_Paused_AsksNothing()
    {
        Tell(Sequence("a", SequenceState.Decoding));
        var table = Render<SequenceTable>(p => p.Add(x => x.Paused, true));
        _monitor.Sequences = () => throw new InvalidOperationException("asked while paused");

        _time.Advance(TimeSpan.FromMilliseconds(500));

        Assert.Single(table.FindAll("tbody tr"));
    }

    private static EngineSequence Sequence(string id, SequenceState state) => new() { Id = id, State = state, PromptTokens = 10 };

    private void Tell(params EngineSequence[] sequences) => _monitor.Sequences = () => Task.FromResult<IReadOnlyList<EngineSequence>>(sequences);
}
