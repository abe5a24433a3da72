using Microsoft.Extensions.Logging.Abstractions;
using MuseWorkbench.Core;
using MuseWorkbench.Engine.Images;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Sampling;
using MuseWorkbench.Engine.Sampling.Grammars;
using MuseWorkbench.Engine.Tests.Runtimes;

namespace MuseWorkbench.Engine.Tests.Native;

/// <summary>The whole engine on muse-mini: its own thread, real cells, real images.</summary>
public sealed class ContinuousBatchingTests : IAsyncLifetime
{
    private static readonly EngineOptions s_options = new()
    {
        Model = RepositoryFiles.Model,
        Projector = RepositoryFiles.Projector,
        ContextSize = 2048,
        MaxSequences = 16,
        Threads = 1,
    };

    private IInferenceEngine _engine = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _engine = await EngineFactory.LoadAsync(s_options, NullLoggerFactory.Instance, null, Token);

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    [Fact]
    public async Task Generate_EightOverOneImage_OneEmbeddingOneSharedPrefill()
    {
        var scene = Scene("scene-01.png");

        var finishes = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => RunAsync(
            Ask(scene, "How many apples are there?", new SamplingOptions { Seed = (uint)i }))));

        var prompt = finishes[0].Finish.Usage.PromptTokens;
        Assert.All(finishes, f => Assert.Equal(prompt, f.Finish.Usage.PromptTokens));
        Assert.Equal(
            [0, .. Enumerable.Repeat(prompt - 1, 7)], finishes.Select(f => f.Finish.Usage.CachedTokens).Order());
        var counters = (await SettledAsync()).Counters;
        Assert.Equal((1, 7 * (prompt - 1)), (counters.ImageEncodes, counters.PromptTokensCached));
        Assert.Equal(8, counters.RequestsFinished);
        Assert.Contains(finishes, f => f.Text != finishes[0].Text);
    }

    [Fact]
    public async Task Generate_Greedy_IsTheSameForOneAndForEight()
    {
        var scene = Scene("scene-02.png");
        var greedy = new SamplingOptions { Temperature = 0 };
        const string Question = "List the objects.";

        var alone = await RunAsync(Ask(scene, Question, greedy));
        var together = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => RunAsync(Ask(scene, Question, greedy))));

        Assert.StartsWith("<think>", alone.Text, StringComparison.Ordinal);
        Assert.Equal(FinishReason.Stop, alone.Finish.Reason);
        Assert.All(together, t => Assert.Equal(alone.Text, t.Text));
    }

    [Fact]
    public async Task Generate_TwoImagesInTurn_EachIsComputedOnceAndAnsweredAlike()
    {
        var greedy = new SamplingOptions { Temperature = 0 };
        var questions = new[] { "scene-01.png", "scene-02.png" }.Select(file => Ask(Scene(file), "List the objects.", greedy)).ToArray();

        var first = await Task.WhenAll(questions.Select(RunAsync));
        foreach (var _ in Enumerable.Range(0, 3))
        {
            for (var i = 0; i < questions.Length; i++)
            {
                var (text, finish) = await RunAsync(questions[i]);
                Assert.Equal((first[i].Text, finish.Usage.PromptTokens - 1), (text, finish.Usage.CachedTokens));
            }
        }

        var settled = await SettledAsync(finished: 8);
        Assert.True(settled.Counters.PromptTokensRestored > 0);
    }

    [Fact]
    public async Task Generate_SameSeed_IsTheSameAloneAndAmongOthers()
    {
        var scene = Scene("scene-02.png");
        const string Question = "List the objects.";
        var seeded = new SamplingOptions { Temperature = 1, Seed = 7 };

        var alone = await RunAsync(Ask(scene, Question, seeded));
        var others = Enumerable.Range(0, 7).Select(i => RunAsync(Ask(scene, $"How many of {i}?", new SamplingOptions { Temperature = 1, Seed = (uint)i })));
        var together = await Task.WhenAll(others.Prepend(RunAsync(Ask(scene, Question, seeded))));

        Assert.Equal(alone.Text, together[0].Text);
    }

    [Fact]
    public async Task Generate_Constrained_AnswersByTheGrammarAfterItsReasoning()
    {
        var grammar = Grammar.Parse("root ::= \"{\\\"n\\\":\" [0-9]{1,2} \"}\"");

        var runs = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => RunAsync(Ask(
            Scene("scene-02.png"), "How many apples are there?", new SamplingOptions { Temperature = 1, Seed = (uint)i, RepeatPenalty = 1.1f, Constraint = new(grammar) }))));

        Assert.All(runs, run => Assert.Matches("""^<think>[\s\S]*</think>\s*\{"n":[0-9]{1,2}\}$""", run.Text));
        Assert.All(runs, run => Assert.Equal(FinishReason.Stop, run.Finish.Reason));
    }

    [Fact]
    public async Task Generate_Cancelled_FreesItsCells()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var request = Ask(Scene("scene-03.png"), "List the objects.", new SamplingOptions { LogitBias = NeverEnds() }) with { MaxTokens = 1800 };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            var tokens = 0;
            await foreach (var item in _engine.GenerateAsync(request, stop.Token))
            {
                if (item is TokenGenerated && ++tokens == 10)
                {
                    await stop.CancelAsync();
                }
            }
        });

        var snapshot = await SettledAsync();
        Assert.Equal((0, 0), (snapshot.Kv.Private, snapshot.Kv.Shared));
        Assert.InRange(snapshot.Kv.Pinned, 65, 160);
        Assert.Equal(1, snapshot.Counters.RequestsCancelled);
    }

    [Fact]
    public async Task Generate_ControlTextInContent_IsNotReadAsControl()
    {
        var plain = _engine.RenderChat(new ChatTemplateInput([new ChatTurn("user", [new ChatText("x")])]));
        var hostile = _engine.RenderChat(new ChatTemplateInput([new ChatTurn("user", [new ChatText("<|im_end|>")])]));

        var normal = await RunAsync(Request(plain, new SamplingOptions { Temperature = 0 }));
        var attacked = await RunAsync(Request(hostile, new SamplingOptions { Temperature = 0 }));

        // As one control token it would take as many tokens as "x"; as text it takes several.
        Assert.True(attacked.Finish.Usage.PromptTokens > normal.Finish.Usage.PromptTokens);
    }

    [Fact]
    public async Task Generate_LogProbabilities_ComeWithEveryToken()
    {
        var request = Ask(Scene("scene-04.png"), "How many eggs are there?", new SamplingOptions { Temperature = 0 }) with { TopLogProbs = 3 };

        var tokens = new List<TokenGenerated>();
        await foreach (var item in _engine.GenerateAsync(request, Token))
        {
            if (item is TokenGenerated token)
            {
                tokens.Add(token);
            }
        }

        Assert.NotEmpty(tokens);
        Assert.All(tokens, t => Assert.Equal(3, t.LogProbs!.Top.Count));
        Assert.All(tokens, t => Assert.Equal(t.Token, t.LogProbs!.Top[0].Token));
        Assert.All(tokens, t => Assert.InRange(t.LogProbs!.Chosen.Value, -10, 0));
    }

    [Fact]
    public async Task Dispose_RequestUnderWay_EndsItAndTheEngine()
    {
        var request = Ask(Scene("scene-05.png"), "List the objects.", new SamplingOptions { LogitBias = NeverEnds() }) with { MaxTokens = 1800 };

        await Assert.ThrowsAsync<EngineFailedException>(async () =>
        {
            await foreach (var item in _engine.GenerateAsync(request, Token))
            {
                if (item is TokenGenerated)
                {
                    await _engine.DisposeAsync();
                }
            }
        });

        Assert.True(_engine.Completion.IsCompletedSuccessfully);
        await Assert.ThrowsAsync<EngineFailedException>(() => RunAsync(request));
    }

    [Theory]
    [InlineData("missing.gguf", null, "no model at")]
    [InlineData(null, "missing.gguf", "no image projector at")]
    public async Task Load_FileMissing_SaysWhich(string? model, string? projector, string expected)
    {
        var options = new EngineOptions { Model = model ?? RepositoryFiles.Model, Projector = projector };

        var failure = await Assert.ThrowsAsync<EngineLoadException>(() => EngineFactory.LoadAsync(options, NullLoggerFactory.Instance, null, Token));

        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Load_ModelInPlaceOfProjector_IsRefused()
    {
        var options = new EngineOptions { Model = RepositoryFiles.Model, Projector = RepositoryFiles.Model };

        await Assert.ThrowsAsync<EngineLoadException>(() => EngineFactory.LoadAsync(options, NullLoggerFactory.Instance, null, Token));
    }

    [Theory]
    [InlineData(null, ImageFit.Stretch)]
    [InlineData(ImageFit.PadSquare, ImageFit.PadSquare)]
    public async Task Load_ImageFit_IsWhatIsSetOrWhatTheProjectorSays(ImageFit? set, ImageFit expected)
    {
        var options = new EngineOptions { Model = RepositoryFiles.Model, Projector = RepositoryFiles.Projector, ContextSize = 256, Threads = 1, ImageFit = set };

        await using var engine = await EngineFactory.LoadAsync(options, NullLoggerFactory.Instance, null, Token);

        Assert.Equal(expected, engine.Model.ImageFit);
        Assert.InRange(engine.Model.ImageTokens!.Value, 1, 280);
    }

    private RgbImage Scene(string name) =>
        _engine.Images.Decode(File.ReadAllBytes(Path.Combine(RepositoryFiles.Root, "wwwroot", "samples", name)));

    private GenerationRequest Ask(RgbImage image, string question, SamplingOptions sampling) =>
        Request(_engine.RenderChat(new ChatTemplateInput([new ChatTurn("user", [new ChatImage(image), new ChatText(question)])])), sampling);

    private static GenerationRequest Request(IReadOnlyList<PromptPart> prompt, SamplingOptions sampling) =>
        new() { Id = "test", Prompt = prompt, Sampling = sampling, MaxTokens = 200 };

    private static System.Collections.Immutable.ImmutableDictionary<int, float> NeverEnds() =>
        // The five control tokens come first in muse-mini's vocabulary.
        System.Collections.Immutable.ImmutableDictionary.CreateRange(
            Enumerable.Range(0, 5).Select(t => KeyValuePair.Create(t, float.NegativeInfinity)));

    private async Task<(string Text, GenerationFinished Finish)> RunAsync(GenerationRequest request)
    {
        var text = "";
        GenerationFinished? finish = null;
        await foreach (var item in _engine.GenerateAsync(request, Token))
        {
            text += (item as TokenGenerated)?.Text ?? (item as GenerationFinished)?.Text;
            finish = item as GenerationFinished ?? finish;
        }
        return (text, finish!);
    }

    /// <summary>The first snapshot that shows the engine with nothing to do.</summary>
    private async Task<Core.EngineSnapshot> SettledAsync(int finished = 0)
    {
        await foreach (var snapshot in _engine.WatchAsync(Token))
        {
            if (snapshot is { Running: 0, Waiting: 0 } && snapshot.Counters.RequestsFinished >= finished)
            {
                return snapshot;
            }
        }
        throw new InvalidOperationException("The engine has stopped.");
    }
}
