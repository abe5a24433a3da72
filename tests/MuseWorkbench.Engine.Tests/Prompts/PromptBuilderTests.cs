using MuseWorkbench.Engine.Prompts;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Sampling;
using MuseWorkbench.Engine.Tests.Scheduling;

namespace MuseWorkbench.Engine.Tests.Prompts;

public class PromptBuilderTests
{
    private static readonly GenerationRequest s_request = new() { Id = "r", Prompt = [new TextPart("hi", true)], Sampling = new SamplingOptions(), MaxTokens = 1 };

    private readonly PromptBuilder _builder = new(new FakeRuntime(maxBatch: 32), new FakeEmbedder(), contextLength: 100);

    [Fact]
    public void Build_TextsAndImages_TakeRowsInOrder()
    {
        var image = FakeEmbedder.Image("A", rows: 5);

        var (elements, images) = _builder.Build(s_request with
        {
            Prompt = [new TextPart("ab", true), new TextPart("", true), new ImagePart(image), new TextPart("c", false)],
        });

        Assert.Equal(8, elements.Count);
        Assert.Equal(['a', 'b', 'c'], [elements[0], elements[1], elements[7]]);
        Assert.Equal((2, 7), (elements.Images[0].Start, elements.Images[0].End));
        Assert.Equal([image], images);
    }

    [Fact]
    public void Build_ImageThatFitsNoPhysicalBatch_IsRejected() =>
        Rejects("context_length_exceeded", s_request with { Prompt = [new ImagePart(FakeEmbedder.Image("A", rows: 33))] });

    [Fact]
    public void Build_NothingToGenerate_IsRejected() => Rejects("invalid_value", s_request with { MaxTokens = 0 });

    [Fact]
    public void Build_TooManyAlternatives_IsRejected() => Rejects("invalid_value", s_request with { TopLogProbs = 21 });

    [Fact]
    public void Build_EmptyPrompt_IsRejected() => Rejects("invalid_value", s_request with { Prompt = [] });

    private void Rejects(string code, GenerationRequest request) =>
        Assert.Equal(code, Assert.Throws<RequestRejectedException>(() => _builder.Build(request)).Code);
}
