using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Scheduling;

namespace MuseWorkbench.Engine.Tests.Scheduling;

public class StepTests
{
    [Fact]
    public void Step_DecodingAndPrompt_DecodeRowsComeFirstWithinTheBudget()
    {
        var engine = new EngineHarness(new FakeRuntime(maxBatch: 8) { Script = _ => 'a' });
        engine.Ask("x", maxTokens: 100);
        engine.Ask("y", maxTokens: 100);
        engine.Steps(3);
        engine.Ask(new string('z', 20));

        engine.Step();

        var step = engine.Runtime.Steps[^1];
        Assert.Equal(8, step.Rows.Count);
        Assert.Equal([0, 1], step.Rows.Take(2).Select(r => r.Sequence).Order());
        Assert.All(step.Rows.Skip(2), r => Assert.Equal(2, r.Sequence));
        Assert.Equal(2, step.LogitsRows);
    }

    [Fact]
    public void Step_SiblingsHaveAWordEach_AreComputedInOneStepBesideTheirLeader()
    {
        var engine = AskTeam(own: 20);

        engine.Step();

        // The leader's row, and both prompts to their ends.
        Assert.Equal((1 + 40, 3), (engine.Runtime.Steps[^1].Rows.Count, engine.Runtime.Steps[^1].LogitsRows));
    }

    [Theory]
    [InlineData(30, false)] // more of their own than the beginning had
    [InlineData(20, true)] // somebody else generates
    public void Step_SiblingsWouldHoldUpLong_AreComputedInPieces(int own, bool stranger)
    {
        var engine = AskTeam(own, stranger);

        engine.Step();

        var generating = stranger ? 2 : 1;
        Assert.Equal(generating + PromptBudget.Least, engine.Runtime.Steps[^1].Rows.Count);
        Assert.Equal(generating, engine.Runtime.Steps[^1].LogitsRows);
    }

    /// <summary>Three agents over one beginning of 40 rows; the first has computed it and generates. A step may hardly be lengthened.</summary>
    private static EngineHarness AskTeam(int own, bool stranger = false)
    {
        var engine = new EngineHarness(new FakeRuntime(maxBatch: 128) { Script = _ => 'a' }, limits: new EngineLimits(StallMs: 1));
        engine.Runtime.Working = rows => engine.Time.Advance(TimeSpan.FromMilliseconds(rows));
        if (stranger)
        {
            engine.Ask("!", maxTokens: 100);
        }

        foreach (var letter in "xyz")
        {
            engine.Ask(new string('c', 40) + new string(letter, own), maxTokens: 100);
        }

        engine.Step();
        Assert.Equal((stranger ? 2 : 1, 2), (engine.Loop.Scheduler.Running.Count, engine.Loop.Scheduler.Waiting.Count));
        return engine;
    }

    [Fact]
    public void Step_LongPrompt_IsComputedInChunksAndReportedAsSuch()
    {
        var engine = new EngineHarness(new FakeRuntime(maxBatch: 8));
        var client = engine.Ask(new string('z', 20), maxTokens: 1);

        engine.Run();

        Assert.Equal([8, 8, 4], engine.Runtime.Steps.Select(s => s.Rows.Count));
        Assert.Equal([0, 0, 1], engine.Runtime.Steps.Select(s => s.LogitsRows));
        Assert.Equal([0, 8, 16, 20], client.Events.OfType<PromptProgress>().Select(p => p.Processed));
        Assert.Equal(new GenerationUsage(20, 0, 1), client.Finish.Usage);
    }

    [Fact]
    public void Step_PromptsOfSeveralRequests_ShareTheBudgetEvenlyAndLeaveNothingUnused()
    {
        var engine = new EngineHarness(new FakeRuntime(maxBatch: 12));
        engine.Ask(new string('x', 40));
        engine.Ask(new string('y', 40));
        engine.Ask("z!");

        engine.Step();

        var rows = engine.Runtime.Steps[0].Rows.CountBy(r => r.Sequence).ToDictionary();
        Assert.Equal(new Dictionary<int, int> { [0] = 5, [1] = 5, [2] = 2 }, rows);
    }

    [Fact]
    public void Step_MorePromptsThanBudget_EachAdvancesInTurn()
    {
        var engine = new EngineHarness(new FakeRuntime(maxBatch: 2));
        foreach (var letter in "abcde")
        {
            engine.Ask(new string(letter, 20));
        }

        engine.Steps(5);

        Assert.Equal(5, engine.Loop.Scheduler.Running.Count);
        Assert.All(engine.Loop.Scheduler.Running, s => Assert.Equal(2, s.Computed));
    }

    [Fact]
    public void Step_ImageAndDecoding_ImageIsAStepOfItsOwnBetweenTokenSteps()
    {
        var engine = new EngineHarness(new FakeRuntime { Script = _ => 'a' });
        engine.Ask("x", maxTokens: 100);
        engine.Steps(2);
        engine.Ask("q", image: FakeEmbedder.Image("A", rows: 6));
        engine.Ask("r", image: FakeEmbedder.Image("B", rows: 6));
        engine.Runtime.Steps.Clear();

        engine.Steps(5);

        Assert.Equal([false, true, false, true, false], engine.Runtime.Steps.Select(s => s.Image));
        Assert.All(engine.Runtime.Steps.Where(s => s.Image), s => Assert.Equal(6, s.Rows.Count));
    }

    [Fact]
    public void Step_EmbeddingUnderWay_OthersGoOn()
    {
        var engine = new EngineHarness(new FakeRuntime { Script = _ => 'a' }) { EmbedsAtOnce = false };
        var waiting = engine.Ask("q", image: FakeEmbedder.Image("A"));
        var other = engine.Ask("x", maxTokens: 5);

        engine.Steps(8);

        Assert.Equal(FinishReason.Length, other.Finish.Reason);
        Assert.Empty(waiting.Tokens);
        engine.ComputeEmbeddings();
        engine.Run();
        Assert.Equal(10, waiting.Tokens.Length);
    }

    [Fact]
    public void Step_CausalImageLargerThanABatch_IsComputedInChunks()
    {
        var engine = new EngineHarness(new FakeRuntime(maxBatch: 4), new FakeEmbedder { NonCausal = false });
        var client = engine.Ask("q", maxTokens: 1, image: FakeEmbedder.Image("A", rows: 10));

        engine.Run();

        Assert.Equal([1, 4, 4, 2, 1], engine.Runtime.Steps.Select(s => s.Rows.Count));
        Assert.Equal(12, client.Finish.Usage.PromptTokens);
    }

    [Fact]
    public void Step_MoreRequestsThanSequences_WaitInOrderOfArrival()
    {
        var engine = new EngineHarness(new FakeRuntime(sequences: 2) { Script = _ => 'a' });
        var clients = "abcde".Select(c => engine.Ask(c + "?", maxTokens: 4)).ToArray();

        engine.Step();
        Assert.Equal(2, engine.Loop.Scheduler.Running.Count);
        Assert.Equal([2, 3, 4], engine.Loop.Scheduler.Waiting.Select(s => s.Arrival));
        engine.Run();

        Assert.All(clients, c => Assert.Equal("aaaa", c.Text));
        var ends = clients.Select(c => c.Finish.Timings.QueueMs).ToArray();
        Assert.Equal(ends.Order(), ends);
        Assert.Equal(0, engine.Runtime.LiveSamplers);
    }

    [Fact]
    public void Step_TimingsOfARequest_CountFromItsArrival()
    {
        var engine = new EngineHarness(new FakeRuntime(maxBatch: 4) { Script = _ => 'a' });
        engine.Time.Advance(TimeSpan.FromSeconds(1));
        var client = engine.Ask("12345678", maxTokens: 3);

        engine.Run();

        Assert.Equal(new GenerationTimings(QueueMs: 1, PrefillMs: 1, TimeToFirstTokenMs: 2, DecodeMs: 2) { ArrivedAt = DateTimeOffset.UnixEpoch.AddSeconds(1) }, client.Finish.Timings);
    }
}
