using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Sampling;
using MuseWorkbench.Engine.Scheduling;

namespace MuseWorkbench.Engine.Tests.Scheduling;

public class RandomisedTests
{
    [Theory]
    [InlineData(1, 1, 0)]
    [InlineData(2, 2, 0)]
    [InlineData(3, 5, 0)]
    [InlineData(4, 8, 0)]
    [InlineData(5, 8, 0)]
    [InlineData(6, 12, 0)]
    [InlineData(7, 1, 500)]
    [InlineData(8, 2, 60)]
    [InlineData(9, 5, 200)]
    [InlineData(10, 8, 500)]
    [InlineData(11, 12, 1000)]
    public void Step_RandomArrivalsAndCancellations_EveryRequestEndsOnceAndAsAlone(int seed, int sequences, int stored)
    {
        var random = new Random(seed);
        var engine = new EngineHarness(
            new FakeRuntime(cells: random.Next(80, 130), sequences, maxBatch: random.Next(10, 40)),
            limits: new EngineLimits(150, new PrefixBudget(sequences, 130, IdleRows: seed % 2 == 0 ? 20 : long.MaxValue, StoreBytes: stored)));
        engine.EmbedsAtOnce = false;
        var asked = new List<(Case Case, Client Client)>();
        var cancelled = new HashSet<Client>();
        for (var step = 0; step < 2500; step++)
        {
            if (random.Next(6) == 0)
            {
                var request = Case.Draw(random);
                asked.Add((request, request.Ask(engine, random.Next(3) == 0 ? $"run {random.Next(2)}" : null, random.Next(3))));
            }
            if (asked.Count > 0 && random.Next(40) == 0)
            {
                var client = asked[random.Next(asked.Count)].Client;
                if (!client.Generation.Ended)
                {
                    engine.Cancel(client);
                    cancelled.Add(client);
                }
            }
            if (random.Next(5) == 0)
            {
                engine.ComputeEmbeddings();
            }
            engine.Step();
        }
        engine.EmbedsAtOnce = true;
        engine.ComputeEmbeddings();
        engine.Run();

        Assert.All(asked, a => Assert.True(a.Client.Generation.Ended));
        Assert.All(asked, a => Assert.Equal(cancelled.Contains(a.Client) ? 0 : 1, a.Client.Events.OfType<GenerationFinished>().Count()));
        Assert.Equal((0, 0, engine.Runtime.Used), (engine.Loop.Cache.Cells.Shared, engine.Loop.Cache.Cells.Private, engine.Loop.Cache.Cells.Pinned));
        Assert.Equal(0, engine.Runtime.LiveSamplers);
        Assert.True(engine.Loop.Scheduler.Preemptions > 0 || sequences < 5);
        Assert.Contains(asked, a => !cancelled.Contains(a.Client) && a.Client.Finish.Usage.CachedTokens > 0);
        Assert.Equal(stored > 0, engine.Loop.Cache.RowsRestored > 0);
        Assert.InRange(engine.Loop.Cache.StoredBytes, 0, stored);
        Assert.Equal(engine.Loop.Cache.StoredBytes, engine.Runtime.Saved.Sum());
        foreach (var (request, client) in asked.Where(a => !cancelled.Contains(a.Client)))
        {
            Assert.Equal(request.Alone, client.Text);
        }
    }

    private sealed record Case(string Text, string? Image, int MaxTokens, float Temperature, uint Seed)
    {
        private static readonly Dictionary<Case, string> s_alone = [];

        public string Alone
        {
            get
            {
                lock (s_alone)
                {
                    if (!s_alone.TryGetValue(this, out var text))
                    {
                        var engine = new EngineHarness();
                        var client = Ask(engine, null, 0);
                        engine.Run();
                        s_alone.Add(this, text = client.Text);
                    }
                    return text;
                }
            }
        }

        public static Case Draw(Random random)
        {
            var text = new string((char)('A' + random.Next(3)), random.Next(1, 30)) + new string('?', random.Next(3));
            var image = random.Next(2) == 0 ? null : $"{(char)('A' + random.Next(3))}";
            return new Case(text, image, random.Next(1, 40), random.Next(2), (uint)random.Next(4));
        }

        public Client Ask(EngineHarness engine, string? run, int priority) => engine.AskAs(
            run, priority, Text, MaxTokens, new SamplingOptions { Temperature = Temperature, Seed = Seed }, Image is null ? null : FakeEmbedder.Image(Image));
    }
}
