using System.Text;
using MuseWorkbench.Engine.Runtimes;

namespace MuseWorkbench.Engine.Tests.Runtimes;

[Collection<RuntimeCollection>]
public sealed class LlamaCppRuntimeTests(RuntimeFixture fixture)
{
    private const float Tolerance = 2e-2f; // F16 cells and another order of summation; logits span about ±20

    private int[] Prompt => fixture.Runtime.Tokenize(
        fixture.Runtime.ApplyChatTemplate([("user", "How many apples are there?")]), addSpecial: false, parseSpecial: true);

    [Fact]
    public void Info_LoadedModel_IsWhatTheFileAndOptionsSay()
    {
        var info = fixture.Runtime.Info;

        Assert.Equal((RuntimeFixture.Cells, RuntimeFixture.MaxBatch, RuntimeFixture.PhysicalBatch), (info.CellCapacity, info.MaxBatch, info.MaxPhysicalBatch));
        Assert.Equal((RuntimeFixture.MaxSequences, 1001, 192, 4096), (info.MaxSequences, info.VocabularySize, info.EmbeddingWidth, info.TrainedContext));
        Assert.InRange(info.Parameters, 4_000_000, 5_000_000);
        Assert.Matches(@"^llama \d+(\.\d)?M F16$", info.Description);
        Assert.NotEmpty(info.Device);
    }

    [Fact]
    public void GetMemory_Loaded_GivesWeightsCellsAndMachine()
    {
        var memory = fixture.Runtime.GetMemory();

        Assert.Equal(fixture.Runtime.Info.SizeBytes, memory.Weights);
        Assert.Equal(8L * 3 * (32 + 32) * 2 * RuntimeFixture.Cells, memory.Kv); // layers, KV heads, widths, bytes, cells
        Assert.InRange(memory.DeviceFree, 1, memory.DeviceTotal);
    }

    [Fact]
    public void Decode_GreedyStepByStep_AgreesWithAllAtOnce()
    {
        var runtime = fixture.Fresh();
        using var sampler = runtime.CreateSampler(new() { Temperature = 0 });
        int[] prompt = [.. Prompt, .. runtime.Tokenize("<think>I see", addSpecial: false, parseSpecial: true)];
        var logits = runtime.Append(0, 0, prompt);
        var generated = new List<int> { sampler.Sample(logits) };
        while (generated.Count < RuntimeFixture.MaxSequences)
        {
            logits = runtime.Append(0, prompt.Length + generated.Count - 1, generated[^1]);
            generated.Add(sampler.Sample(logits));
        }

        var all = new DecodeBatch();
        foreach (var token in (int[])[.. prompt, .. generated[..^1]])
        {
            all.Add(token, all.Rows, 1, want: all.Rows >= prompt.Length - 1);
        }

        Assert.Equal(DecodeStatus.Ok, runtime.Decode(all));
        Assert.Equal(generated, generated.Select((_, i) => sampler.Sample(runtime.GetLogits(prompt.Length - 1 + i).Span)));
        // The model has learnt to name a thing and its box: "… apple<loc0032>…".
        Assert.Contains("<loc", string.Concat(generated.Select(t => Encoding.UTF8.GetString(runtime.TokenToPiece(t, special: false)))), StringComparison.Ordinal);
    }

    [Fact]
    public void IsEndOfGeneration_AnsweredQuestion_EndsIt()
    {
        var runtime = fixture.Fresh();
        using var sampler = runtime.CreateSampler(new() { Temperature = 0 });
        var prompt = Prompt;
        var position = prompt.Length;
        var token = sampler.Sample(runtime.Append(0, 0, prompt));
        while (!runtime.IsEndOfGeneration(token) && position < 400)
        {
            token = sampler.Sample(runtime.Append(0, position++, token));
        }

        Assert.True(runtime.IsEndOfGeneration(token));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void LoadCells_SavedWholeOrInPieces_GivesLogitsOfComputingAnew(bool whole)
    {
        var runtime = fixture.Fresh();
        var prompt = Prompt;
        var (middle, end) = (prompt.Length / 2, prompt.Length - 1);
        runtime.Append(0, 0, prompt.AsSpan(..end));
        var expected = runtime.Append(0, end, prompt[end]);
        using var head = runtime.SaveCells(0, 0, whole ? end : middle);
        using var tail = runtime.SaveCells(0, middle, end);
        runtime.RemoveSequence(0, 0, -1);
        // Something else takes their place meanwhile, with holes in it.
        runtime.Append(1, 0, [.. prompt, .. prompt]);
        runtime.RemoveSequence(1, 0, -1);
        runtime.Append(2, 0, prompt.AsSpan(..3));

        runtime.LoadCells(head, 3, 0, middle);
        runtime.LoadCells(whole ? head : tail, 3, middle, end);

        Assert.InRange(RuntimeExtensions.Distance(expected, runtime.Append(3, end, prompt[end])), 0, Tolerance);
    }

    [Fact]
    public void LoadCells_NoRoom_ThrowsAndLeavesTheRestUsable()
    {
        var runtime = fixture.Fresh();
        var tokens = Enumerable.Repeat(Prompt[0], RuntimeFixture.MaxBatch).ToArray();
        runtime.Append(0, 0, tokens);
        using var cells = runtime.SaveCells(0, 0, tokens.Length);
        for (var sequence = 1; sequence < RuntimeFixture.Cells / tokens.Length; sequence++)
        {
            runtime.Append(sequence, 0, tokens);
        }

        Assert.Throws<InvalidOperationException>(() => runtime.LoadCells(cells, 5, 0, tokens.Length));
        runtime.RemoveSequence(1, 0, -1);
        runtime.LoadCells(cells, 5, 0, tokens.Length);

        runtime.RemoveSequence(0, 0, -1);
        Assert.Equal(runtime.Info.VocabularySize, runtime.Append(5, tokens.Length, tokens[0]).Length);
    }

    [Fact]
    public void SaveCells_Disposed_CanNotBeLoaded()
    {
        var runtime = fixture.Fresh();
        runtime.Append(0, 0, Prompt);
        var cells = runtime.SaveCells(0, 0, 4);
        cells.Dispose();
        cells.Dispose();

        Assert.Throws<ObjectDisposedException>(() => runtime.LoadCells(cells, 1, 0, 4));
    }

    [Fact]
    public void CopySequence_ForkedPrefix_GivesLogitsOfComputingAnew()
    {
        var runtime = fixture.Fresh();
        var prompt = Prompt;
        var suffix = runtime.Tokenize("<think>I see", addSpecial: false, parseSpecial: true);
        var anew = runtime.Append(0, 0, [.. prompt, .. suffix]);
        var other = runtime.Append(1, 0, prompt);

        runtime.CopySequence(1, 2, 0, prompt.Length);
        var forked = runtime.Append(2, prompt.Length, suffix);

        Assert.InRange(RuntimeExtensions.Distance(anew, forked), 0, Tolerance);
        Assert.True(RuntimeExtensions.Distance(anew, other) > 1);
    }

    [Fact]
    public void RemoveSequence_Tail_LetsItBeComputedAgain()
    {
        var runtime = fixture.Fresh();
        var prompt = Prompt;
        var first = runtime.Append(0, 0, prompt);
        runtime.Append(0, prompt.Length, 300, 301);

        Assert.True(runtime.RemoveSequence(0, prompt.Length - 1, -1));

        Assert.InRange(RuntimeExtensions.Distance(first, runtime.Append(0, prompt.Length - 1, prompt[^1])), 0, Tolerance);
    }

    [Fact]
    public void Decode_MixedBatch_EachRowIsOfItsOwnSequence()
    {
        var runtime = fixture.Fresh();
        var prompt = Prompt;
        var alone = runtime.Append(0, 0, prompt);
        runtime.Append(1, 0, 60, 61, 62);
        var batch = new DecodeBatch().Add(70, 3, 1, want: true);
        for (var i = 0; i < prompt.Length; i++)
        {
            batch.Add(prompt[i], i, 2, want: i == prompt.Length - 1);
        }

        Assert.Equal(DecodeStatus.Ok, runtime.Decode(batch));

        Assert.InRange(RuntimeExtensions.Distance(alone, runtime.GetLogits(prompt.Length).ToArray()), 0, Tolerance);
        Assert.True(RuntimeExtensions.Distance(alone, runtime.GetLogits(0).ToArray()) > 1);
        Assert.Throws<InvalidOperationException>(() => runtime.GetLogits(1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Decode_EmbeddingRows_SeeLaterRowsOnlyWhenNonCausal(bool nonCausal)
    {
        var runtime = fixture.Fresh();

        var first = Rows(0, last: 0.1f);
        var second = Rows(1, last: -0.3f);

        Assert.Equal(nonCausal, RuntimeExtensions.Distance(first, second) > 0.01f);
        // The switch is back: text after it is causal, as in a context that never saw an image.
        runtime.Append(2, 0, 60, 61);
        Assert.Equal(DecodeStatus.Ok, runtime.Decode(new DecodeBatch().Add(60, 0, 3, true).Add(61, 1, 3, false)));
        var followed = runtime.GetLogits(0).ToArray();
        Assert.InRange(RuntimeExtensions.Distance(followed, runtime.Append(4, 0, 60)), 0, Tolerance);

        float[] Rows(int sequence, float last)
        {
            var width = runtime.Info.EmbeddingWidth;
            var values = new float[3 * width];
            var random = new Random(5);
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = (i < 2 * width ? 0.2f : last) * (random.NextSingle() - 0.5f);
            }

            var batch = new DecodeBatch { Embeddings = values, NonCausal = nonCausal };
            for (var row = 0; row < 3; row++)
            {
                batch.Positions.Add(row);
                batch.Sequences.Add(sequence);
                batch.WantLogits.Add(row == 0);
            }

            Assert.Equal(DecodeStatus.Ok, runtime.Decode(batch));
            return runtime.GetLogits(0).ToArray();
        }
    }

    [Fact]
    public void Decode_NoCellsLeft_IsNoSlotAndLeavesNoTrace()
    {
        var runtime = fixture.Fresh();
        var filler = Enumerable.Repeat(60, RuntimeFixture.MaxBatch).ToArray();
        for (var position = 0; position < RuntimeFixture.Cells; position += filler.Length)
        {
            runtime.Append(0, position, filler);
        }

        Assert.Equal(DecodeStatus.NoSlot, runtime.Decode(new DecodeBatch().Add(60, 0, 1, want: true)));
        Assert.Throws<InvalidOperationException>(() => runtime.GetLogits(0));

        Assert.True(runtime.RemoveSequence(0, 500, -1));
        Assert.Equal(DecodeStatus.Ok, runtime.Decode(new DecodeBatch().Add(60, 0, 1, want: true)));
    }

    [Fact]
    public void GetLogits_ReadAfterNextDecode_Throws()
    {
        var runtime = fixture.Fresh();
        Assert.Equal(DecodeStatus.Ok, runtime.Decode(new DecodeBatch().Add(60, 0, 0, want: true)));
        var logits = runtime.GetLogits(0);
        Assert.Equal(1001, logits.Span.Length);

        runtime.Append(0, 1, 61);

        Assert.Throws<InvalidOperationException>(() => logits.Span[0]);
    }

    [Fact]
    public void GetLogits_ReadFromOtherThreads_GivesTheSame()
    {
        var runtime = fixture.Fresh();
        Assert.Equal(DecodeStatus.Ok, runtime.Decode(new DecodeBatch().Add(60, 0, 0, want: true)));
        var logits = runtime.GetLogits(0);
        var expected = logits.ToArray();

        Parallel.For(0, 16, _ => Assert.Equal(expected, logits.ToArray()));
    }
}
