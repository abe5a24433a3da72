using System.Collections.Immutable;
using MuseWorkbench.Core;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Tests.Scheduling;

namespace MuseWorkbench.Engine.Tests.Telemetry;

public class SequenceReportTests
{
    [Fact]
    public async Task Describe_BeforeTheFirstStep_AllAreQueuedWithoutCells()
    {
        var engine = new EngineHarness();
        engine.AskAs("run", 3, "question", maxTokens: 5);
        engine.Time.Advance(TimeSpan.FromSeconds(2));

        var sequence = Assert.Single(await DescribeAsync(engine));

        Assert.Equal(
            new EngineSequence
            {
                Id = "r0", State = SequenceState.Queued, Run = "run", Priority = 3, PromptTokens = 8, RemainingTokens = 5, AgeSeconds = 2.001,
            },
            sequence);
        Assert.False(sequence.IsProcessing);
    }

    [Fact]
    public async Task Describe_PromptHalfComputed_IsPrefillingAndItsFollowerQueued()
    {
        var engine = new EngineHarness(new FakeRuntime(maxBatch: 10));
        engine.Ask(new string('x', 40), maxTokens: 5);
        engine.Ask(new string('x', 40), maxTokens: 5);
        engine.Steps(2);

        var all = await DescribeAsync(engine);

        Assert.Equal([SequenceState.Prefilling, SequenceState.Queued], all.Select(s => s.State));
        Assert.Equal((20, 0, 20, 0), (all[0].ProcessedTokens, all[0].CachedTokens, all[0].PrivateCells, all[0].SharedCells));
        Assert.Equal((false, true), (all[0].IsFollowing, all[1].IsFollowing));
        Assert.Equal((true, (int?)null), (all[0].IsProcessing, all[1].Slot));
    }

    [Fact]
    public async Task Describe_TwoOfOnePrompt_CountSharedCellsForBothAndPrivateOnesForEach()
    {
        var engine = new EngineHarness(new FakeRuntime { Script = _ => 'a' });
        var image = FakeEmbedder.Image("A", rows: 18);
        engine.Ask("question", maxTokens: 9, image: image);
        engine.Ask("question", maxTokens: 9, image: image);
        engine.Steps(6);

        var all = await DescribeAsync(engine);

        Assert.All(all, s => Assert.Equal((SequenceState.Decoding, 27, 1, 26), (s.State, s.PromptTokens, s.Images, s.SharedCells)));
        Assert.All(all, s => Assert.Equal(s.GeneratedTokens, s.PrivateCells));
        Assert.All(all, s => Assert.Equal(9, s.GeneratedTokens + s.RemainingTokens));
        Assert.Equal((0, 26), (all[0].CachedTokens, all[1].CachedTokens));
        Assert.Equal((27, 1), (all[0].ProcessedTokens, all[1].ProcessedTokens));
    }

    [Fact]
    public async Task Describe_Preempted_SaysSoAndThatItsCellsAreGone()
    {
        var engine = new EngineHarness(new FakeRuntime(cells: 100) { Script = _ => 'a' });
        engine.AskAs("experiment", 10, new string('x', 30), maxTokens: 50);
        engine.Steps(20);
        engine.AskAs("interactive", 0, new string('y', 60), maxTokens: 20);
        engine.Step();

        var lower = Assert.Single(await DescribeAsync(engine), s => s.Run == "experiment");

        Assert.Equal((SequenceState.Preempted, 1, 0, 0, 0), (lower.State, lower.Preemptions, lower.ProcessedTokens, lower.PrivateCells, lower.SharedCells));
        Assert.True(lower.GeneratedTokens > 0);
    }

    [Fact]
    public async Task Describe_Finished_LeavesThePromptPinned()
    {
        var engine = new EngineHarness();
        engine.Ask("question", maxTokens: 3, image: FakeEmbedder.Image("A", rows: 8));
        engine.Run();

        var pinned = Assert.Single(await DescribeAsync(engine));

        Assert.Equal((SequenceState.Pinned, 17, 17, 0, 1), (pinned.State, pinned.PromptTokens, pinned.PrivateCells, pinned.SharedCells, pinned.Images));
        Assert.Equal(($"prefix-{pinned.Slot}", (double?)null), (pinned.Id, pinned.AgeSeconds));
    }

    [Fact]
    public async Task Describe_EngineStopped_IsAnError()
    {
        var engine = new EngineHarness();
        engine.Loop.Shutdown();
        engine.Step();

        await Assert.ThrowsAsync<EngineFailedException>(engine.Loop.DescribeAsync);
    }

    [Fact]
    public void Metrics_AfterRuns_CountStepsPromptsAndPreemptions()
    {
        var engine = new EngineHarness(new FakeRuntime(maxBatch: 10) { Script = _ => 'a' });
        engine.Ask(new string('x', 30), maxTokens: 4);
        engine.Run();
        engine.Ask(new string('x', 30), maxTokens: 4);
        engine.Run();

        var metrics = engine.Recorder.Metrics;

        Assert.Equal((engine.Runtime.Steps.Count, engine.Runtime.RowsComputed), (metrics.StepTokens.Count, metrics.StepTokens.Sum));
        Assert.Equal((2, 30 + 1), (metrics.PromptComputed.Count, metrics.PromptComputed.Sum));
        Assert.Equal((2, 0), (metrics.Preemptions.Count, metrics.Preemptions.Sum));
        Assert.Equal(2, metrics.Inference.Count);
        Assert.Equal(metrics.EndToEnd.Sum - metrics.Queue.Sum, metrics.Inference.Sum, 6);
    }

    /// <summary>Asked for, then answered by the engine before it computes its next step.</summary>
    private static async Task<ImmutableArray<EngineSequence>> DescribeAsync(EngineHarness engine)
    {
        var answer = engine.Loop.DescribeAsync();
        Assert.False(answer.IsCompleted);
        engine.Step();
        return await answer;
    }
}
