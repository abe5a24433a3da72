using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Runtimes;
using MuseWorkbench.Engine.Sampling;
using MuseWorkbench.Engine.Scheduling;

namespace MuseWorkbench.Engine.Tests.Scheduling;

public class RequestEndTests
{
    [Fact]
    public void Cancel_WhileDecoding_HoldsNothingAndKeepsWhatIsComputedForReuse()
    {
        var engine = new EngineHarness(new FakeRuntime { Script = _ => 'a' });
        var client = engine.Ask("question", maxTokens: 100);
        engine.Steps(10);
        Assert.Equal(17, engine.Loop.Cache.Cells.Private);

        engine.Cancel(client);
        Assert.False(engine.Step());

        Assert.Equal(17, engine.Runtime.Used);
        Assert.Equal((17, 0), (engine.Loop.Cache.Cells.Pinned, engine.Loop.Cache.Held));
        Assert.Empty(client.Events.OfType<GenerationFinished>());
        Assert.True(client.Generation.Events.Completion.IsCanceled);
        Assert.Equal(0, engine.Runtime.LiveSamplers);
    }

    [Fact]
    public void Cancel_BeforeItsImageIsEncoded_ImageIsNotEncodedUnlessAnotherWaitsForIt()
    {
        var engine = new EngineHarness { EmbedsAtOnce = false };
        var cancelled = new[] { engine.Ask("x", image: FakeEmbedder.Image("A")), engine.Ask("y", image: FakeEmbedder.Image("B")) };
        var other = engine.Ask("z", image: FakeEmbedder.Image("B"));
        engine.Steps(3);

        Array.ForEach(cancelled, engine.Cancel);
        engine.Step();
        engine.ComputeEmbeddings();
        engine.Run();

        Assert.Equal(["B"], engine.Embedder.Embedded);
        Assert.NotEmpty(other.Tokens);
    }

    [Fact]
    public void Cancel_WhileWaiting_LeavesTheQueue()
    {
        var engine = new EngineHarness(new FakeRuntime(sequences: 1) { Script = _ => 'a' });
        var running = engine.Ask("a", maxTokens: 5);
        var waiting = engine.Ask("b");
        engine.Steps(2);

        engine.Cancel(waiting);
        engine.Run();

        Assert.Equal("aaaaa", running.Text);
        Assert.Empty(waiting.Events);
        Assert.True(waiting.Generation.Ended);
    }

    [Fact]
    public void Run_CellsRunOut_PreemptsAndLaterGivesTheSameTokens()
    {
        var sampling = Enumerable.Range(0, 6).Select(i => new SamplingOptions { Seed = (uint)i }).ToArray();
        var alone = sampling.Select((s, i) =>
        {
            var engine = new EngineHarness(new FakeRuntime { Script = LongAnswer });
            var client = engine.Ask($"{i} question", maxTokens: 60, s);
            engine.Run();
            return client.Text;
        }).ToArray();

        var crowded = new EngineHarness(new FakeRuntime(cells: 100) { Script = LongAnswer });
        var clients = sampling.Select((s, i) => crowded.Ask($"{i} question", maxTokens: 60, s)).ToArray();
        crowded.Run();

        Assert.Equal(alone, clients.Select(c => c.Text));
        Assert.True(crowded.Loop.Scheduler.Preemptions > 0);
        Assert.All(clients, c => Assert.Equal(new GenerationUsage(10, c.Finish.Usage.CachedTokens, 60), c.Finish.Usage));
        Assert.All(clients, c => Assert.Equal(10, c.Events.OfType<PromptProgress>().Last().Processed));

        static int? LongAnswer(int position) => 'a' + (position % 26);
    }

    [Fact]
    public void Run_ContextEnds_FinishesByLength()
    {
        var engine = new EngineHarness(new FakeRuntime(cells: 32, context: 20) { Script = _ => 'a' });
        var client = engine.Ask("question", maxTokens: int.MaxValue);

        engine.Run();

        Assert.Equal(FinishReason.Length, client.Finish.Reason);
        Assert.Equal(12, client.Finish.Usage.GeneratedTokens);
    }

    [Fact]
    public void Ask_PromptThatCanNeverFit_IsRejectedWithTheNumbers()
    {
        var engine = new EngineHarness(new FakeRuntime(cells: 32, context: 20));

        var rejection = Assert.Throws<RequestRejectedException>(() => engine.Ask(new string('a', 20)));

        Assert.Equal("context_length_exceeded", rejection.Code);
        Assert.Contains("20", rejection.Message, StringComparison.Ordinal);
        engine.Ask(new string('a', 19));
        engine.Run();
    }

    [Fact]
    public void Run_EndOfGeneration_FinishesByStopWithoutAnEvent()
    {
        var engine = new EngineHarness(new FakeRuntime { Script = p => p == 5 ? FakeRuntime.EndToken : 'a' });
        var client = engine.Ask("q");

        engine.Run();

        Assert.Equal("aaaaa", client.Text);
        Assert.Equal((FinishReason.Stop, 6), (client.Finish.Reason, client.Finish.Usage.GeneratedTokens));
        Assert.Equal(5, client.Tokens.Length);
    }

    [Fact]
    public void Run_StopTextAcrossTokens_EndsBeforeIt()
    {
        const string Answer = "one two three";
        var engine = new EngineHarness(new FakeRuntime { Script = p => Answer[p] });
        var client = engine.Ask("?", maxTokens: 100, stop: "tw", image: null, sampling: null);

        engine.Run();

        Assert.Equal("one ", client.Text);
        Assert.Equal(FinishReason.Stop, client.Finish.Reason);
        Assert.Equal(6, client.Finish.Usage.GeneratedTokens);
    }

    [Fact]
    public void Run_CharacterOfSeveralTokens_IsEmittedWhole()
    {
        byte[] answer = [0xF0, 0x9F, 0x8D, 0x8E, 0xC3, 0xA9, 0xF0, 0x9F];
        var engine = new EngineHarness(new FakeRuntime { Script = p => answer[p] });
        var client = engine.Ask("?", maxTokens: answer.Length);

        engine.Run();

        Assert.Equal(["", "", "", "\U0001F34E", "", "é", "", ""], client.Events.OfType<TokenGenerated>().Select(t => t.Text));
        Assert.Equal("\uFFFD", client.Finish.Text);
    }

    [Fact]
    public void Run_LargeVocabulary_DrawsOnWorkersAndGivesTheSame()
    {
        string[] Texts(int vocabulary)
        {
            var engine = new EngineHarness(new FakeRuntime(vocabulary: vocabulary));
            var clients = Enumerable.Range(0, 8).Select(i => engine.Ask("q", sampling: new SamplingOptions { Seed = (uint)i })).ToArray();
            engine.Run();
            return [.. clients.Select(c => c.Text)];
        }

        Assert.Equal(Texts(256), Texts(EngineCore.ParallelDraw / 8));
    }

    [Fact]
    public void Run_NobodyReads_FinishesAllTheSame()
    {
        var engine = new EngineHarness(new FakeRuntime { Script = _ => 'a' });
        var unread = engine.Ask("q", maxTokens: 1000);

        engine.Run();

        Assert.True(unread.Generation.Ended);
        Assert.Equal(1000, unread.Tokens.Length);
    }

    [Fact]
    public void Run_EmbeddingFails_FailsThatRequestAlone()
    {
        var engine = new EngineHarness();
        var bad = engine.Ask("q", image: FakeEmbedder.Image("bad"));
        var good = engine.Ask("q", maxTokens: 3, image: FakeEmbedder.Image("A"));

        engine.Run();

        Assert.IsType<EngineFailedException>(bad.Failure);
        Assert.Equal(FinishReason.Length, good.Finish.Reason);
    }

    [Theory]
    [InlineData(DecodeStatus.Failed)]
    [InlineData(DecodeStatus.Aborted)]
    public void Step_DecodeFails_EndsEveryRequestAndTheEngine(DecodeStatus status)
    {
        var engine = new EngineHarness(new FakeRuntime(sequences: 1));
        Client[] clients = [engine.Ask("a"), engine.Ask("b")];
        engine.Step();
        engine.Runtime.Answers.Enqueue(status);

        Assert.False(engine.Loop.Step());

        Assert.All(clients, c => Assert.IsType<EngineFailedException>(c.Failure));
        Assert.NotSame(clients[0].Failure, clients[1].Failure);
        Assert.IsType<EngineFailedException>(engine.Ask("c").Failure);
        Assert.Equal(0, engine.Runtime.LiveSamplers);
    }

    [Fact]
    public void Step_NoSlotWithPinnedPrefix_EvictsAndTriesAgain()
    {
        var engine = new EngineHarness(new FakeRuntime { Script = _ => 'a' });
        engine.Ask("first", maxTokens: 1);
        engine.Run();
        var client = engine.Ask("second", maxTokens: 3);
        engine.Runtime.Answers.Enqueue(DecodeStatus.NoSlot);

        engine.Run();

        Assert.Equal(FinishReason.Length, client.Finish.Reason);
        Assert.Equal(6, engine.Loop.Cache.Cells.Pinned);
    }

    [Fact]
    public void Step_NoSlotWithNothingToGiveUp_FailsTheRequestAlone()
    {
        var engine = new EngineHarness();
        var client = engine.Ask("q");
        engine.Runtime.Answers.Enqueue(DecodeStatus.NoSlot);
        engine.Step();

        Assert.IsType<EngineFailedException>(client.Failure);
        var next = engine.Ask("r", maxTokens: 1);
        engine.Run();
        Assert.Equal(1, next.Finish.Usage.GeneratedTokens);
    }

    [Fact]
    public void Run_SamplerRefusesItsOptions_RejectsThatRequestAlone()
    {
        var engine = new EngineHarness(new FakeRuntime { Script = _ => 'a' });
        var bad = engine.Ask("q", sampling: new SamplingOptions { Temperature = -1 });
        var good = engine.Ask("q", maxTokens: 2);

        engine.Run();

        Assert.Equal("invalid_value", Assert.IsType<RequestRejectedException>(bad.Failure).Code);
        Assert.Equal("aa", good.Text);
    }

    [Fact]
    public void Run_NothingCanBeDrawn_FailsThatRequestAlone()
    {
        var engine = new EngineHarness(new FakeRuntime { Script = _ => 'a' });
        var good = engine.Ask("q", maxTokens: 2);
        var bad = engine.Ask("q", sampling: new SamplingOptions { TopK = FakeRuntime.ExcludeAll });

        engine.Run();

        Assert.IsType<EngineFailedException>(bad.Failure);
        Assert.Equal("aa", good.Text);
        Assert.Equal(0, engine.Runtime.LiveSamplers);
    }
}
