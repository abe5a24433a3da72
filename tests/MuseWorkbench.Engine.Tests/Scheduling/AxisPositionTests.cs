using MuseWorkbench.Engine.Images;
using MuseWorkbench.Engine.Scheduling;

namespace MuseWorkbench.Engine.Tests.Scheduling;

/// <summary>Images that take fewer positions than cells, and images in slices.</summary>
public class AxisPositionTests
{
    [Fact]
    public void PositionAt_AfterAGrid_JumpsByItsPositions()
    {
        var elements = new Elements();
        elements.Add(7);
        elements.AddImage("A", [Grid(4, 2)]);
        elements.AddRange([8, 9]);

        Assert.Equal([0, 1, 1, 1, 1, 1, 1, 1, 1, 5, 6, 7], Enumerable.Range(0, 12).Select(elements.PositionAt));
        Assert.Equal(new AxisPosition(1, 2, 3, 0), elements.Images[0].PlaceOf(7));
    }

    [Fact]
    public void CommonPrefix_SlicesOfOneImage_AreSharedWholeAndOnlyInTheirPlace()
    {
        Elements Make(string image)
        {
            var elements = new Elements();
            elements.AddImage(image, [new ImageTokens([1]), Grid(2, 2), new ImageTokens([2]), Grid(2, 2), new ImageTokens([3])]);
            return elements;
        }

        Assert.Equal(11, Make("A").CommonPrefix(Make("A"), 100));
        Assert.Equal(6, Make("A").CommonPrefix(Make("A"), 8));
        Assert.Equal(1, Make("A").CommonPrefix(Make("B"), 100));
        Assert.Equal([0, 4], Make("A").Images.Select(i => i.FirstRow));
    }

    [Fact]
    public void Run_Grid_RowsOfTheImageStandTogetherAndTextGoesOnBehind()
    {
        var engine = Engine(whole: false, maxBatch: 64);

        engine.Ask("xy", maxTokens: 2, image: FakeEmbedder.Image("A", rows: 8));
        engine.Run();

        Assert.Equal([0, .. Enumerable.Repeat(1, 8), 5, 6, 7], engine.Runtime.Steps.SelectMany(s => s.Rows).Select(r => r.Position));
    }

    [Theory]
    [InlineData(true, 64)]
    [InlineData(false, 64)]
    [InlineData(false, 3)]
    public void Run_GridInTheCache_SameTextForkedAsComputedAnew(bool whole, int maxBatch)
    {
        var alone = Engine(whole, maxBatch);
        var expected = alone.Ask("question", image: FakeEmbedder.Image("A"));
        alone.Run();

        var engine = Engine(whole, maxBatch);
        engine.Ask("other", image: FakeEmbedder.Image("A"));
        engine.Run();
        var forked = Enumerable.Range(0, 3).Select(_ => engine.Ask("question", image: FakeEmbedder.Image("A"))).ToArray();
        engine.Run();

        Assert.Single(engine.Embedder.Embedded);
        Assert.Equal(9, forked[0].Finish.Usage.CachedTokens);
        Assert.All(forked, f => Assert.Equal(expected.Tokens, f.Tokens));
    }

    [Fact]
    public void Run_GridCutWhileOthersGenerate_SameTextAsComputedAtOnce()
    {
        var alone = Engine(whole: false, maxBatch: 64);
        var expected = alone.Ask("question", image: FakeEmbedder.Image("A", rows: 60));
        alone.Run();

        // A step may take no time, so that an image gets the fewest rows a step.
        var engine = Engine(whole: false, maxBatch: 64, stallMs: 0);
        engine.Runtime.Working = rows => engine.Time.Advance(TimeSpan.FromMilliseconds(rows));
        engine.Ask("generating", maxTokens: 100);
        engine.Steps(3);
        engine.Ask(new string('z', 40), maxTokens: 1);
        engine.Steps(3);
        var cut = engine.Ask("question", image: FakeEmbedder.Image("A", rows: 60));
        engine.Run();

        Assert.Equal([16, 16, 16, 12], engine.Runtime.Steps.Where(s => s.Image).Select(s => s.Rows.Count));
        Assert.Equal(expected.Tokens, cut.Tokens);
    }

    [Fact]
    public void Run_LittleRoom_PreemptedGridsGiveTheSameTexts()
    {
        string[] images = ["A", "B", "C", "D", "E", "F", "G", "H"];
        var roomy = Engine(whole: true, maxBatch: 64);
        var expected = images.Select(i => roomy.Ask("question", maxTokens: 60, image: FakeEmbedder.Image(i))).ToArray();
        roomy.Run();

        var engine = Engine(whole: true, maxBatch: 64, cells: 150);
        var clients = images.Select(i => engine.Ask("question", maxTokens: 60, image: FakeEmbedder.Image(i))).ToArray();
        engine.Run();

        Assert.True(engine.Loop.Scheduler.Preemptions > 0);
        Assert.All(clients.Zip(expected), c => Assert.Equal(c.Second.Tokens, c.First.Tokens));
    }

    [Fact]
    public void Run_Slices_EachGetsItsOwnRowsOfOneEmbedding()
    {
        var engine = new EngineHarness(embedder: new FakeEmbedder
        {
            Pieces = width => [new ImageTokens(['[']), new ImageRows(2, 2), new ImageTokens(['|']), new ImageRows(width - 2, width - 2), new ImageTokens([']'])],
        });
        var whole = new EngineHarness();

        var sliced = engine.Ask("q", image: FakeEmbedder.Image("A", rows: 6));
        engine.Run();
        var plain = whole.Ask("q", image: FakeEmbedder.Image("A", rows: 6));
        whole.Run();

        Assert.Single(engine.Embedder.Embedded);
        Assert.Equal([2, 4], engine.Runtime.Steps.Where(s => s.Image).Select(s => s.Rows.Count));
        Assert.Equal(1 + 3 + 6 + 1, sliced.Finish.Usage.PromptTokens);
        Assert.Equal(1 + 6 + 1, plain.Finish.Usage.PromptTokens);
        Assert.Equal(whole.Runtime.Embedded, engine.Runtime.Embedded);
    }

    private static EngineHarness Engine(bool whole, int maxBatch, int cells = 4096, double stallMs = 150) => new(
        new FakeRuntime(cells, maxBatch: maxBatch), new FakeEmbedder { NonCausal = whole, Pieces = width => [Grid(width / 2, 2)] }, new EngineLimits(stallMs));

    private static ImageRows Grid(int columns, int rows) => new(
        columns * rows, Math.Max(columns, rows), [.. Enumerable.Range(0, columns * rows).Select(i => new AxisPosition(0, i / columns, i % columns, 0))]);
}
