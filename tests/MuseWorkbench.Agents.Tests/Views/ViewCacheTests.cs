using MuseWorkbench.Agents.Conversation;
using MuseWorkbench.Agents.Tests.Kit;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tests.Views;

public class ViewCacheTests
{
    private static readonly ViewFrame s_frame = ViewFrame.Of(new ViewSpec { Flip = true }, 10, 10);
    private static readonly ViewFrame s_other = ViewFrame.Of(new ViewSpec { Scale = 2 }, 10, 10);

    [Fact]
    public async Task Render_AskedAgain_IsMadeOnce()
    {
        var renderer = new CountingRenderer();
        var cache = new ViewCache(renderer);

        var pictures = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => cache.RenderAsync("a", default, s_frame)));
        var again = await cache.RenderAsync("a", default, s_frame);

        Assert.Equal(1, renderer.Made);
        Assert.All(pictures, picture => Assert.Equal(again, picture));
    }

    [Fact]
    public async Task Render_AnotherImageOrFrame_IsAnotherPicture()
    {
        var renderer = new CountingRenderer();
        var cache = new ViewCache(renderer);

        foreach (var (image, frame) in new[] { ("a", s_frame), ("b", s_frame), ("a", s_other) })
            await cache.RenderAsync(image, default, frame);

        Assert.Equal(3, renderer.Made);
    }

    [Fact]
    public async Task Render_MoreThanFit_TheLeastRecentlyUsedGoes()
    {
        var renderer = new CountingRenderer();
        var cache = new ViewCache(renderer, budget: 2 * CountingRenderer.Bytes);
        foreach (var image in new[] { "a", "b", "a", "c" })
            await cache.RenderAsync(image, default, s_frame);
        Assert.Equal(3, renderer.Made);

        await cache.RenderAsync("a", default, s_frame);
        Assert.Equal(3, renderer.Made);
        await cache.RenderAsync("b", default, s_frame);
        Assert.Equal(4, renderer.Made);
    }

    [Fact]
    public async Task Render_LargerThanTheBudget_IsMadeEachTime()
    {
        var renderer = new CountingRenderer();
        var cache = new ViewCache(renderer, budget: CountingRenderer.Bytes - 1);

        Assert.Equal(CountingRenderer.Bytes, (await cache.RenderAsync("a", default, s_frame)).Length);
        Assert.Equal(CountingRenderer.Bytes, (await cache.RenderAsync("a", default, s_frame)).Length);

        Assert.Equal(2, renderer.Made);
    }

    [Fact]
    public async Task Render_Failed_IsTriedAgain()
    {
        var renderer = new CountingRenderer { Failures = 1 };
        var cache = new ViewCache(renderer);

        await Assert.ThrowsAsync<ImageRenderException>(() => cache.RenderAsync("a", default, s_frame));

        Assert.Equal(CountingRenderer.Bytes, (await cache.RenderAsync("a", default, s_frame)).Length);
    }

    [Fact]
    public async Task Run_SameImageAndViewAgain_IsNotRenderedAgain()
    {
        await using var bench = new RunBench(ScriptedChatClient.Saying("1"));
        var request = RunBench.Request(1, "How many?", bench.AddImage());
        request = request with { Team = request.Team with { Agents = [request.Team.Agents[0] with { View = new ViewSpec { Flip = true } }] } };

        await bench.RunAsync(request);
        await bench.RunAsync(request with { Prompt = "Which?" });

        Assert.Single(bench.Rendered);
    }

    private sealed class CountingRenderer : IImageRenderer
    {
        public const int Bytes = 100;

        private int _made;

        public int Made => Volatile.Read(ref _made);

        public int Failures { get; set; }

        public async Task<ReadOnlyMemory<byte>> RenderAsync(ReadOnlyMemory<byte> encoded, ViewFrame frame, CancellationToken cancellationToken)
        {
            await Task.Yield();
            if (Failures-- > 0)
                throw new ImageRenderException("No.");
            Interlocked.Increment(ref _made);
            return new byte[Bytes];
        }

        public Task<RgbColour> MeanColourAsync(ReadOnlyMemory<byte> encoded, ViewFrame frame, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
