using MuseWorkbench.Engine.Scheduling;

namespace MuseWorkbench.Engine.Tests.Scheduling;

public class PrefixStoreTests
{
    [Fact]
    public void Run_PromptThatHadToLeave_IsPutBackInsteadOfComputed()
    {
        var engine = WithStore(1000);
        var first = Ask(engine, "a", 40, maxTokens: 10);
        Ask(engine, "b", 40, maxTokens: 10);
        engine.Runtime.Steps.Clear();

        var again = Ask(engine, "a", 40, maxTokens: 10);

        Assert.Equal((39, first.Text), (again.Finish.Usage.CachedTokens, again.Text));
        Assert.Single(engine.Runtime.Steps[0].Rows);
        Assert.Equal(39, engine.Loop.Cache.RowsRestored);
    }

    [Fact]
    public void Step_NewPrompt_OthersHaveLeftBeforeIt()
    {
        var engine = WithStore(1000);
        Ask(engine, "a", 40, maxTokens: 10);
        engine.Ask(new string('b', 40), maxTokens: 10);
        engine.Step();

        Assert.Equal((0, 40, 40L), (engine.Loop.Cache.Cells.Pinned, engine.Runtime.Used, engine.Loop.Cache.StoredBytes));
    }

    [Fact]
    public void Run_AgentsWithRolesOfTheirOwn_StoreWhatTheyShareOnce()
    {
        var engine = WithStore(1000);
        foreach (var role in "123")
        {
            engine.Ask(new string('a', 40) + new string(role, 20), maxTokens: 1);
        }
        engine.Run();
        Ask(engine, "b", 20, maxTokens: 20);

        Assert.Equal([20, 20, 60], engine.Runtime.Saved.Order());
        Assert.Equal(59, Ask(engine, new string('a', 40) + "2", 20, maxTokens: 1).Finish.Usage.CachedTokens);
    }

    [Fact]
    public void Run_SeveralAskForAStoredPrompt_ItIsPutBackOnce()
    {
        var engine = WithStore(1000);
        Ask(engine, "a", 40, maxTokens: 1);
        Ask(engine, "b", 40, maxTokens: 10);
        var agents = Enumerable.Range(0, 4).Select(_ => engine.Ask(new string('a', 40), maxTokens: 5)).ToArray();
        engine.Run();

        Assert.All(agents, agent => Assert.Equal(39, agent.Finish.Usage.CachedTokens));
        Assert.Equal(39, engine.Loop.Cache.RowsRestored);
    }

    [Fact]
    public void Run_BeginningStillInTheCache_OnlyTheRestIsPutBack()
    {
        var engine = WithStore(1000);
        var image = FakeEmbedder.Image("A", rows: 20);
        Ask(engine, "a", 40, maxTokens: 1, image);
        Ask(engine, "b", 40, maxTokens: 10, image);
        engine.Ask(new string('c', 60), maxTokens: 50, image: image);
        engine.Step();

        var again = engine.Ask(new string('a', 40), maxTokens: 1, image: image);
        engine.Run();

        Assert.Equal((60, 39L), (again.Finish.Usage.CachedTokens, engine.Loop.Cache.RowsRestored));
        Assert.Single(engine.Embedder.Embedded);
    }

    [Fact]
    public void Run_MoreThanTheStoreHolds_ForgetsTheLeastRecentlyUsed()
    {
        var engine = WithStore(90);
        foreach (var letter in "abcd")
        {
            Ask(engine, $"{letter}", 40, maxTokens: 1);
        }

        Assert.Equal([40, 40], engine.Runtime.Saved);
        Assert.Equal(0, Ask(engine, "a", 40, maxTokens: 1).Finish.Usage.CachedTokens);
        Assert.Equal(39, Ask(engine, "c", 40, maxTokens: 1).Finish.Usage.CachedTokens);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(101)]
    public void Run_TooFewRowsOrTooMany_AreNotStored(int length)
    {
        var engine = WithStore(100);
        Ask(engine, "a", length, maxTokens: 1);
        Ask(engine, "b", 40, maxTokens: 10);

        Assert.Empty(engine.Runtime.Saved);
        Assert.Equal(0, Ask(engine, "a", length, maxTokens: 1).Finish.Usage.CachedTokens);
    }

    [Fact]
    public void Run_NoRoomForWhatIsStoredTogether_ComputesThePromptAgain()
    {
        // 60 rows are stored together; 40 of them would do, but for a moment all would have to be there.
        var engine = new EngineHarness(new FakeRuntime(cells: 64), limits: Limits(1000));
        Ask(engine, "a", 60, maxTokens: 1);
        Ask(engine, "b", 40, maxTokens: 10);
        engine.Ask(new string('a', 40) + "c", maxTokens: 20);
        engine.Run();

        Assert.True(engine.Runtime.Used <= 64);
        Assert.Equal(40, Ask(engine, "a", 40, maxTokens: 1).Finish.Usage.CachedTokens + 1);
    }

    [Fact]
    public void Run_Preempted_GoesOnFromHostMemory()
    {
        var engine = new EngineHarness(new FakeRuntime(cells: 120), limits: Limits(1000, idleRows: long.MaxValue));
        engine.Runtime.Script = position => 'a' + position % 26;
        engine.AskAs(null, 0, new string('a', 30), maxTokens: 60);
        var second = engine.AskAs(null, 1, new string('b', 30), maxTokens: 60);
        engine.Run();

        Assert.Equal(1, engine.Loop.Scheduler.Preemptions);
        Assert.InRange(engine.Loop.Cache.RowsRestored, 40, 89);
        Assert.Equal(60, second.Tokens.Length);
        // Each row once, but for the one that the last logits come from.
        Assert.Equal((90 - 1) * 2, engine.Runtime.RowsComputed);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Run_NextTurnAfterAnAnswer_FindsItWhereItWasToBeKept(bool keep)
    {
        var engine = new EngineHarness();
        engine.Runtime.Script = _ => 'x';
        var turn = engine.AskToKeep(new string('a', 40), maxTokens: 20, keep);
        engine.Run();
        var next = engine.Ask(new string('a', 40) + turn.Text + "and then", maxTokens: 1);
        engine.Run();

        Assert.Equal(20, turn.Tokens.Length);
        Assert.Equal(40 + (keep ? turn.Tokens.Length - 1 : 0), next.Finish.Usage.CachedTokens);
    }

    [Fact]
    public void Cancel_AnswerHalfSaid_IsFoundByWhoGoesOnWithIt()
    {
        var engine = new EngineHarness();
        engine.Runtime.Script = _ => 'x';
        var cut = engine.Ask(new string('a', 40), maxTokens: 50);
        engine.Steps(12);
        engine.Cancel(cut);
        var next = engine.Ask(new string('a', 40) + cut.Text + ".", maxTokens: 1);
        engine.Run();

        Assert.Equal(12, cut.Tokens.Length);
        Assert.Equal(40 + cut.Tokens.Length - 1, next.Finish.Usage.CachedTokens);
    }

    private static EngineHarness WithStore(int rows) => new(limits: Limits(rows));

    private static EngineLimits Limits(int rows, long idleRows = 8) =>
        new(150, new PrefixBudget(Entries: 16, Cells: 1000, idleRows, StoreBytes: rows));

    private static Client Ask(EngineHarness engine, string text, int length, int maxTokens, Engine.Images.RgbImage? image = null)
    {
        var client = engine.Ask(text[..^1] + new string(text[^1], length), maxTokens, image: image);
        engine.Run();
        return client;
    }
}
