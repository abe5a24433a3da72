using MuseWorkbench.Engine.Scheduling;

namespace MuseWorkbench.Engine.Tests.Scheduling;

public class EmbeddingCacheTests
{
    private const int Size = 8 * 2 * sizeof(float);
    private readonly FakeEmbedder _embedder = new();

    [Fact]
    public async Task Get_ConcurrentAskers_ShareOneComputation()
    {
        var compute = new TaskCompletionSource();
        var cache = new EmbeddingCache(_embedder, Size, async embed =>
        {
            await compute.Task;
            return embed();
        });

        var askers = Enumerable.Range(0, 5).Select(_ => cache.GetAsync(FakeEmbedder.Image("A"))).ToArray();
        compute.SetResult();
        var embeddings = await Task.WhenAll(askers);

        Assert.Single(_embedder.Embedded);
        Assert.All(embeddings, e => Assert.Same(embeddings[0], e));
        Assert.Equal((1, 4, Size), (cache.Encodes, cache.Hits, cache.Bytes));
    }

    [Fact]
    public async Task Get_OverBudget_ForgetsTheLeastRecentlyUsed()
    {
        var cache = new EmbeddingCache(_embedder, 2 * Size);
        foreach (var hash in new[] { "A", "B", "A", "C", "A", "B" })
        {
            await cache.GetAsync(FakeEmbedder.Image(hash));
        }

        Assert.Equal(["A", "B", "C", "B"], _embedder.Embedded);
        Assert.Equal(2 * Size, cache.Bytes);
    }

    [Fact]
    public async Task Get_LargerThanTheBudget_IsGivenButNotKept()
    {
        var cache = new EmbeddingCache(_embedder, Size - 1);

        Assert.Equal(16, (await cache.GetAsync(FakeEmbedder.Image("A"))).Length);

        Assert.Equal(0, cache.Bytes);
    }

    [Fact]
    public async Task Get_AfterAFailure_TriesAgain()
    {
        var cache = new EmbeddingCache(_embedder, Size);

        await Assert.ThrowsAsync<InvalidDataException>(() => cache.GetAsync(FakeEmbedder.Image("bad")));
        await Assert.ThrowsAsync<InvalidDataException>(() => cache.GetAsync(FakeEmbedder.Image("bad")));

        Assert.Equal(2, _embedder.Embedded.Count);
    }
}
