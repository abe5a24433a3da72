using MuseWorkbench.Engine.Scheduling;

namespace MuseWorkbench.Engine.Tests.Scheduling;

public class EmbeddingCacheTests
{
    private const int Size = 8 * 2 * sizeof(float);
    private readonly FakeEmbedder _embedder = new();

    [Fact]
    public async Task Get_ConcurrentAskers_ShareOneComputation()
    {
        var (cache, compute) = Waiting();

        var askers = Enumerable.Range(0, 5).Select(_ => Get(cache, "A")).ToArray();
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
            await Get(cache, hash);
        }

        Assert.Equal(["A", "B", "C", "B"], _embedder.Embedded);
        Assert.Equal(2 * Size, cache.Bytes);
    }

    [Fact]
    public async Task Get_LargerThanTheBudget_IsGivenButNotKept()
    {
        var cache = new EmbeddingCache(_embedder, Size - 1);

        Assert.Equal(16, (await Get(cache, "A")).Length);

        Assert.Equal(0, cache.Bytes);
    }

    [Fact]
    public async Task Get_AfterAFailure_TriesAgain()
    {
        var cache = new EmbeddingCache(_embedder, Size);

        await Assert.ThrowsAsync<InvalidDataException>(() => Get(cache, "bad"));
        await Assert.ThrowsAsync<InvalidDataException>(() => Get(cache, "bad"));

        Assert.Equal(2, _embedder.Embedded.Count);
    }

    [Fact]
    public async Task Get_AllAskersGoneBeforeItsTurn_IsNotComputed()
    {
        var (cache, turn) = Waiting();
        var wanted = true;
        var askers = new[] { cache.GetAsync(FakeEmbedder.Image("A"), () => wanted), cache.GetAsync(FakeEmbedder.Image("A"), () => wanted) };

        wanted = false;
        turn.SetResult();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(askers));
        Assert.Empty(_embedder.Embedded);
        Assert.Equal((0, 0), (cache.Encodes, cache.Bytes));
        Assert.Equal(16, (await Get(cache, "A")).Length);
    }

    [Fact]
    public async Task Get_OneAskerGone_TheOtherGetsIt()
    {
        var (cache, turn) = Waiting();
        _ = cache.GetAsync(FakeEmbedder.Image("A"), () => false);
        var other = Get(cache, "A");

        turn.SetResult();

        Assert.Equal(16, (await other).Length);
        Assert.Single(_embedder.Embedded);
    }

    private static Task<float[]> Get(EmbeddingCache cache, string hash) => cache.GetAsync(FakeEmbedder.Image(hash), () => true);

    private (EmbeddingCache Cache, TaskCompletionSource Turn) Waiting()
    {
        var turn = new TaskCompletionSource();
        return (new EmbeddingCache(_embedder, Size, async embed =>
        {
            await turn.Task;
            return embed();
        }), turn);
    }
}
