using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Scheduling;

namespace MuseWorkbench.Engine.Tests.Scheduling;

public class FairnessTests
{
    [Fact]
    public void Step_TwoRunsOfUnequalSize_SharePromptRowsByRun()
    {
        var engine = new EngineHarness(new FakeRuntime(maxBatch: 12));
        foreach (var letter in "abc")
        {
            engine.AskAs("large", 0, new string(letter, 40));
        }
        engine.AskAs("small", 0, new string('z', 40));

        engine.Step();

        var rows = engine.Runtime.Steps[0].Rows.CountBy(r => r.Sequence).ToDictionary();
        Assert.Equal(new Dictionary<int, int> { [0] = 2, [1] = 2, [2] = 2, [3] = 6 }, rows);
    }

    [Fact]
    public void Step_RunThatHasHadMuch_LetsAnothersRequestGoFirst()
    {
        var engine = new EngineHarness(new FakeRuntime(sequences: 1) { Script = _ => 'a' });
        engine.AskAs("first", 0, "one", maxTokens: 20);
        engine.Steps(3);
        var second = engine.AskAs("first", 0, "two", maxTokens: 4);
        var other = engine.AskAs("other", 0, "three", maxTokens: 4);

        engine.Run();

        Assert.True(other.Finish.Timings.QueueMs < second.Finish.Timings.QueueMs);
    }

    [Fact]
    public void Step_ManyRequestsOfOneRun_DoNotDelayASingleOneOfAnother()
    {
        var engine = new EngineHarness(new FakeRuntime(sequences: 2) { Script = _ => 'a' });
        var crowd = Enumerable.Range(0, 20).Select(i => engine.AskAs("crowd", 0, $"{i:D2}", maxTokens: 10)).ToArray();
        engine.Steps(5);
        var single = engine.AskAs("single", 0, "one", maxTokens: 10);

        engine.Run();

        Assert.True(crowd.Count(c => c.Finish.Timings.QueueMs > single.Finish.Timings.QueueMs) >= 16);
    }

    [Fact]
    public void Step_HigherPriorityLater_IsAdmittedAndPrefilledFirst()
    {
        var engine = new EngineHarness(new FakeRuntime(maxBatch: 8));
        engine.AskAs(null, 5, new string('x', 40));
        engine.Step();
        engine.AskAs(null, 0, new string('y', 40));

        engine.Step();

        Assert.All(engine.Runtime.Steps[^1].Rows, r => Assert.Equal(1, r.Sequence));
    }

    [Fact]
    public void Step_NoRoomForHigherPriority_LowerOneGivesWayAndLosesNothing()
    {
        Func<int, int?> alphabet = position => 'a' + position % 26;
        var alone = new EngineHarness(new FakeRuntime { Script = alphabet });
        var expected = alone.Ask(new string('x', 30), maxTokens: 50);
        alone.Run();
        var engine = new EngineHarness(new FakeRuntime(cells: 100) { Script = alphabet });
        var lower = engine.AskAs("experiment", 10, new string('x', 30), maxTokens: 50);
        engine.Steps(20);
        var higher = engine.AskAs("interactive", 0, new string('y', 60), maxTokens: 20);

        engine.Step();

        Assert.Equal(0, Assert.Single(engine.Loop.Scheduler.Running).Priority);
        engine.Run();
        Assert.Equal((FinishReason.Length, 1), (higher.Finish.Reason, engine.Loop.Scheduler.Preemptions));
        Assert.Equal(expected.Text, lower.Text);
    }

    [Fact]
    public void Step_NoSequenceIdForHigherPriority_LowerOneGivesWay()
    {
        var engine = new EngineHarness(new FakeRuntime(sequences: 1) { Script = _ => 'a' });
        var lower = engine.AskAs(null, 1, "low", maxTokens: 30);
        engine.Steps(5);
        var higher = engine.AskAs(null, 0, "high", maxTokens: 5);

        engine.Run();

        Assert.True(higher.Finish.Timings.TimeToFirstTokenMs <= 2);
        Assert.Equal(new string('a', 30), lower.Text);
    }

    [Fact]
    public void Step_EqualPriorities_WaitInsteadOfTakingEachOthersPlace()
    {
        var engine = new EngineHarness(new FakeRuntime(sequences: 1) { Script = _ => 'a' });
        engine.AskAs(null, 0, "one", maxTokens: 20);
        engine.Steps(5);
        engine.AskAs(null, 0, "two", maxTokens: 5);

        engine.Run();

        Assert.Equal(0, engine.Loop.Scheduler.Preemptions);
    }

    [Fact]
    public void Step_CellsRunOut_LowestPriorityIsPreemptedThoughItHasGeneratedMost()
    {
        var engine = new EngineHarness(new FakeRuntime(cells: 100) { Script = _ => 'a' });
        var lower = engine.AskAs(null, 1, "low", maxTokens: 70);
        engine.Steps(10);
        var higher = engine.AskAs(null, 0, "high", maxTokens: 70);

        engine.Run();

        Assert.True(engine.Loop.Scheduler.Preemptions > 0);
        Assert.True(higher.Finish.Timings.DecodeMs <= 70);
        Assert.Equal(70, lower.Tokens.Length);
    }

    [Fact]
    public void Step_LongPromptWhileOthersGenerate_IsCutToTheTimeAStepMayTake()
    {
        var engine = Slow();
        engine.Ask("generating", maxTokens: 1000);
        engine.Steps(5);
        var newcomer = engine.Ask(new string('z', 2000), maxTokens: 1);
        engine.Runtime.Steps.Clear();

        while (newcomer.Tokens.Length == 0)
        {
            engine.Step();
        }

        // The first is a guess, as nothing is known of prompts yet; then 100 ms are 49 rows beside the generating one.
        Assert.InRange(engine.Runtime.Steps[1..^1].Max(s => s.Rows.Count), 45, 51);
        Assert.All(engine.Runtime.Steps, s => Assert.Contains(s.Rows, r => r.Sequence == 0));
    }

    [Fact]
    public void Step_LongCausalImageWhileOthersGenerate_IsCutToTheTimeAStepMayTake()
    {
        var engine = Slow(new FakeEmbedder { NonCausal = false });
        engine.Ask("generating", maxTokens: 1000);
        engine.Steps(5);
        var newcomer = engine.Ask("q", maxTokens: 1, image: FakeEmbedder.Image("A", rows: 500));
        engine.Runtime.Steps.Clear();

        while (newcomer.Tokens.Length == 0)
        {
            engine.Step();
        }

        var images = engine.Runtime.Steps.Where(s => s.Image).Select(s => s.Rows.Count).ToArray();
        Assert.Equal(500, images.Sum());
        // As a prompt of tokens: a guess, then what 100 ms allow. Each is followed by a step of who generates.
        Assert.InRange(images[1..^1].Max(), 45, 51);
        Assert.All(engine.Runtime.Steps.Index().Where(s => s.Item.Image), s => Assert.Contains(engine.Runtime.Steps[s.Index + 1].Rows, r => r.Sequence == 0));
    }

    [Fact]
    public void Step_LongCausalImageAndNobodyGenerates_TakesAllThatABatchHolds()
    {
        var engine = Slow(new FakeEmbedder { NonCausal = false });
        engine.Ask("q", maxTokens: 1, image: FakeEmbedder.Image("A", rows: 600));

        engine.Run();

        Assert.Equal([512, 88], engine.Runtime.Steps.Where(s => s.Image).Select(s => s.Rows.Count));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Step_LongPromptAfterAnImage_KnowsWhatRowsCost(bool nonCausal)
    {
        var engine = Slow(new FakeEmbedder { NonCausal = nonCausal });
        engine.Ask("q", maxTokens: 1000, image: FakeEmbedder.Image("A", rows: 200));
        engine.Steps(5);
        engine.Ask(new string('z', 200), maxTokens: 1);

        engine.Step();

        Assert.InRange(engine.Runtime.Steps[^1].Rows.Count, 45, 51);
    }

    [Fact]
    public void Run_MorePrefixesThanTheBudget_KeepsTheLatest()
    {
        var engine = new EngineHarness(limits: new EngineLimits(150, new PrefixBudget(Entries: 2, Cells: 1000)));
        foreach (var letter in "abc")
        {
            engine.Ask(new string(letter, 20), maxTokens: 1);
            engine.Run();
        }

        Assert.Equal((40, 1), (engine.Loop.Cache.Cells.Pinned, engine.Loop.Cache.Evictions));
        Assert.Equal([19, 0], "ba".Select(letter => Again(engine, letter)));
    }

    [Fact]
    public void Run_MorePinnedCellsThanTheBudget_EvictsUntilTheyFit()
    {
        var engine = new EngineHarness(limits: new EngineLimits(150, new PrefixBudget(Entries: 16, Cells: 45)));
        foreach (var letter in "abc")
        {
            engine.Ask(new string(letter, 20), maxTokens: 1);
            engine.Run();
        }

        Assert.Equal((40, 1), (engine.Loop.Cache.Cells.Pinned, engine.Loop.Cache.Evictions));
    }

    [Fact]
    public void Run_PrefixIdleForLongerThanTheBudget_IsGivenUp()
    {
        var engine = WithIdleRows(45);
        engine.Ask(new string('a', 20), maxTokens: 1);
        engine.Run();
        engine.Ask(new string('b', 20), maxTokens: 1);
        engine.Run();
        var again = engine.Ask(new string('a', 20), maxTokens: 10);
        engine.Run();
        engine.Ask(new string('c', 20), maxTokens: 20);
        engine.Run();

        // 'b' was last used 10 rows before 'a' was, and those were used 39 rows ago.
        Assert.Equal((19, 1L), (again.Finish.Usage.CachedTokens, engine.Loop.Cache.Evictions));
        Assert.Equal([19, 0], "ab".Select(letter => Again(engine, letter)));
    }

    [Fact]
    public void Step_PromptThatOutlastsTheBudget_GivesIdlePrefixesUpBeforeIt()
    {
        var engine = WithIdleRows(45);
        engine.Ask(new string('a', 20), maxTokens: 1);
        engine.Run();
        var next = engine.Ask(new string('b', 60), maxTokens: 5);
        engine.Step();

        Assert.Equal((1L, 0), (engine.Loop.Cache.Evictions, engine.Loop.Cache.Cells.Pinned));
        engine.Run();
        Assert.Equal(60, next.Finish.Usage.PromptTokens);
    }

    [Fact]
    public void Step_AnswersThatMayOutlastTheBudget_GivesIdlePrefixesUpBeforeThePrompt()
    {
        var engine = WithIdleRows(45);
        engine.Ask(new string('a', 20), maxTokens: 1);
        engine.Run();
        // By itself the prompt would not: 20 rows. Two answers of 20 tokens after it may.
        engine.Ask(new string('b', 20), maxTokens: 20);
        engine.Ask(new string('b', 20), maxTokens: 20);
        engine.Step();

        Assert.Equal((1L, 0), (engine.Loop.Cache.Evictions, engine.Loop.Cache.Cells.Pinned));
    }

    [Fact]
    public void Step_ShortAnswersAllowed_KeepsPrefixesThatLongOnesWouldOutlast()
    {
        var engine = WithIdleRows(45);
        engine.Ask(new string('a', 20), maxTokens: 30);
        engine.Run();
        engine.Ask(new string('b', 20), maxTokens: 5);
        engine.Step();

        Assert.Equal((0L, 20), (engine.Loop.Cache.Evictions, engine.Loop.Cache.Cells.Pinned));
    }

    private static EngineHarness WithIdleRows(int rows) =>
        new(limits: new EngineLimits(150, new PrefixBudget(Entries: 16, Cells: 1000, rows)));

    private static int Again(EngineHarness engine, char letter)
    {
        var client = engine.Ask(new string(letter, 20), maxTokens: 1);
        engine.Run();
        return client.Finish.Usage.CachedTokens;
    }

    /// <summary>A row takes 2 ms, and a step may take 100.</summary>
    private static EngineHarness Slow(FakeEmbedder? embedder = null)
    {
        var engine = new EngineHarness(new FakeRuntime(maxBatch: 512, cells: 8192, context: 8192) { Script = _ => 'a' }, embedder, new EngineLimits(StallMs: 100));
        engine.Runtime.Working = rows => engine.Time.Advance(TimeSpan.FromMilliseconds(2 * rows));
        return engine;
    }
}
