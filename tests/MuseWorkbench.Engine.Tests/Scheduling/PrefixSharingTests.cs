using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Sampling;

namespace MuseWorkbench.Engine.Tests.Scheduling;

public class PrefixSharingTests
{
    private static readonly string s_question = string.Concat(Enumerable.Range(0, 50).Select(i => (char)('A' + (i % 26))));

    [Fact]
    public void Run_EightIdenticalRequests_OneEmbeddingOnePrefillAndARowEach()
    {
        var engine = new EngineHarness();
        var clients = Enumerable.Range(0, 8).Select(i => engine.Ask(
            s_question, maxTokens: 1, new SamplingOptions { Seed = (uint)i }, FakeEmbedder.Image("A", rows: 10))).ToArray();

        engine.Run();

        // u, the image, the question but its last token: once. The last token: eight times.
        Assert.Single(engine.Embedder.Embedded);
        Assert.Equal(1 + 10 + 49 + 8, engine.Runtime.RowsComputed);
        Assert.Single(engine.Runtime.Steps, s => s.Image);
        Assert.Equal(0, clients[0].Finish.Usage.CachedTokens);
        Assert.All(clients[1..], c => Assert.Equal(60, c.Finish.Usage.CachedTokens));
        Assert.Single(clients[0].Events.OfType<PromptProgress>(), p => p.Processed == 61);
    }

    [Fact]
    public void Run_ArrivalWhilePrefixIsBeingComputed_WaitsForItInsteadOfComputingIt()
    {
        var engine = new EngineHarness(new FakeRuntime(maxBatch: 10));
        engine.Ask(s_question, maxTokens: 1);
        engine.Steps(2);
        engine.Ask(s_question, maxTokens: 1);
        engine.Step();
        engine.Ask(s_question, maxTokens: 1);
        Assert.Single(engine.Loop.Scheduler.Running);

        engine.Run();

        Assert.Equal(50 + 1 + 1, engine.Runtime.RowsComputed);
    }

    [Fact]
    public void Run_SamePrefixDifferentRoles_OnlyTheRolesAreComputedApart()
    {
        var engine = new EngineHarness();
        var clients = Enumerable.Range(0, 4).Select(i => engine.Ask(
            $"{s_question}{(char)('a' + i)} role", maxTokens: 1, image: FakeEmbedder.Image("A", rows: 10))).ToArray();

        engine.Run();

        Assert.Equal(61 + (4 * 6), engine.Runtime.RowsComputed);
        Assert.All(clients[1..], c => Assert.Equal(61, c.Finish.Usage.CachedTokens));
    }

    [Theory]
    [InlineData("1234", 2)]
    [InlineData("1234512345123451", 2)]
    [InlineData("12345123451234512", 1)]
    public void Step_FewRowsInCommonWithARunningOne_DoesNotWaitForThem(string common, int running)
    {
        var engine = new EngineHarness();
        engine.Ask(common + "one", maxTokens: 1);
        engine.Ask(common + "two", maxTokens: 1);
        engine.Step();

        Assert.Equal(running, engine.Runtime.Steps[0].Rows.DistinctBy(row => row.Sequence).Count());
    }

    [Fact]
    public void Run_DifferentImagesInTheSamePlace_ShareOnlyWhatStandsBefore()
    {
        var engine = new EngineHarness();
        engine.Ask("q", maxTokens: 1, image: FakeEmbedder.Image("A"));
        engine.Run();
        var other = engine.Ask("q", maxTokens: 1, image: FakeEmbedder.Image("B"));

        engine.Run();

        Assert.Equal(["A", "B"], engine.Embedder.Embedded);
        Assert.Equal(1, other.Finish.Usage.CachedTokens);
    }

    [Fact]
    public void Run_SameImageInAnotherPlace_EmbeddedOnceComputedTwice()
    {
        var engine = new EngineHarness();
        engine.Ask("q", maxTokens: 1, image: FakeEmbedder.Image("A"));
        engine.Ask([new TextPart("other", true), new ImagePart(FakeEmbedder.Image("A")), new TextPart("q", true)], maxTokens: 1);

        engine.Run();

        Assert.Single(engine.Embedder.Embedded);
        Assert.Equal(2, engine.Runtime.Steps.Count(s => s.Image));
        Assert.Equal(1, engine.Embeddings.Hits);
    }

    [Fact]
    public void Run_LeaderCancelledMidPrefill_FollowerGoesOnFromWhatIsComputed()
    {
        var engine = new EngineHarness(new FakeRuntime(maxBatch: 10));
        var leader = engine.Ask(s_question);
        var followers = new[] { engine.Ask(s_question, maxTokens: 3), engine.Ask(s_question, maxTokens: 3) };
        engine.Steps(2);
        engine.Cancel(leader);

        engine.Run();

        Assert.Equal(20, followers[0].Finish.Usage.CachedTokens);
        Assert.Equal(49, followers[1].Finish.Usage.CachedTokens);
        Assert.Equal(followers[0].Tokens, followers[1].Tokens);
    }

    [Fact]
    public void Run_LeaderCancelledWhileItsImageIsEmbedded_FollowerTakesOverTheSameEmbedding()
    {
        var engine = new EngineHarness { EmbedsAtOnce = false };
        var leader = engine.Ask("q", image: FakeEmbedder.Image("A"));
        var follower = engine.Ask("q", maxTokens: 1, image: FakeEmbedder.Image("A"));
        engine.Steps(2);
        engine.Cancel(leader);
        engine.Step();
        engine.ComputeEmbeddings();

        engine.Run();

        Assert.Single(engine.Embedder.Embedded);
        Assert.Equal(FinishReason.Length, follower.Finish.Reason);
    }

    [Fact]
    public void Run_SamePromptLater_ReusesThePinnedPrefix()
    {
        var engine = new EngineHarness();
        var first = engine.Ask(s_question, image: FakeEmbedder.Image("A"));
        engine.Run();
        Assert.Equal(59, engine.Loop.Cache.Cells.Pinned);

        var second = engine.Ask(s_question, image: FakeEmbedder.Image("A"));
        engine.Run();

        Assert.Equal(58, second.Finish.Usage.CachedTokens);
        Assert.Equal(first.Text, second.Text);
        Assert.Equal(59, engine.Loop.Cache.Cells.Pinned);
        Assert.Single(engine.Embedder.Embedded);
    }

    [Fact]
    public void Run_SequenceIdsNeeded_EvictsTheLeastRecentlyUsedPrefix()
    {
        var engine = new EngineHarness(new FakeRuntime(sequences: 3));
        foreach (var prompt in new[] { "aaaa", "bbbb", "cccc", "aaaa", "dddd" })
        {
            engine.Ask(prompt, maxTokens: 1);
            engine.Run();
        }

        var kept = engine.Ask("aaaa", maxTokens: 1);
        engine.Run();
        var evicted = engine.Ask("bbbb", maxTokens: 1);
        engine.Run();

        Assert.Equal(3, kept.Finish.Usage.CachedTokens);
        Assert.Equal(0, evicted.Finish.Usage.CachedTokens);
    }

    [Fact]
    public void Run_OnlyOneSequenceId_ThePinnedPrefixIsTakenOver()
    {
        var engine = new EngineHarness(new FakeRuntime(sequences: 1));
        engine.Ask(s_question, maxTokens: 3);
        engine.Run();

        var second = engine.Ask(s_question + "!", maxTokens: 3);
        engine.Run();

        Assert.Equal(50, second.Finish.Usage.CachedTokens);
        Assert.Equal(51, engine.Loop.Cache.Cells.Pinned);
    }

    [Fact]
    public void Run_CellsNeeded_EvictsPinnedPrefixes()
    {
        var engine = new EngineHarness(new FakeRuntime(cells: 100));
        engine.Ask(new string('a', 40), maxTokens: 2);
        engine.Run();
        engine.Ask(new string('b', 40), maxTokens: 2);
        engine.Run();

        var large = engine.Ask(new string('c', 90), maxTokens: 2);
        engine.Run();

        Assert.Equal(FinishReason.Length, large.Finish.Reason);
        Assert.Equal(90, engine.Loop.Cache.Cells.Pinned);
        Assert.Equal(0, engine.Loop.Scheduler.Preemptions);
    }
}
