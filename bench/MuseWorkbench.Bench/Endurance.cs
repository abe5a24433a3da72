using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using MuseWorkbench.Bench.Compare;
using MuseWorkbench.Engine;
using MuseWorkbench.Engine.Images;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Sampling;

namespace MuseWorkbench.Bench;

/// <summary>Many requests through one engine, of text and images, finished and cancelled: does anything grow?</summary>
internal static class Endurance
{
    private const int AtOnce = 16, Pictures = 100;

    public static async Task<string> RunAsync(BenchOptions options, CancellationToken cancellationToken)
    {
        await using var engine = await EngineFactory.LoadAsync(
            // Caches that are full after the first thousand requests: what grows then is a leak.
            new EngineOptions
            {
                Model = options.Model, Projector = options.Projector, Threads = options.Threads ?? 1, ImageCacheBytes = 4 * 1024 * 1024, PrefixStoreBytes = 16 * 1024 * 1024,
            },
            NullLoggerFactory.Instance, null, cancellationToken);
        var images = Enumerable.Range(0, Pictures).Select(i => engine.Images.Decode(Picture.Draw(i))).ToArray();
        var text = new StringBuilder();
        Line($"{"requests",8} {"pinned",7} {"held",5} {"running",8} {"heap MB",8} {"stored MB",10} {"resident MB",12}");
        const int marks = 10;
        for (var mark = 1; mark <= marks; mark++)
        {
            var from = options.Requests * (mark - 1) / marks;
            await Parallel.ForAsync(
                from, options.Requests * mark / marks, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
                (i, _) => AskAsync(engine, images, i, cancellationToken));
            var snapshot = await engine.SettleAsync(cancellationToken);
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            Line($"{options.Requests * mark / marks,8} {snapshot.Kv.Pinned,7} {snapshot.Kv.Shared + snapshot.Kv.Private,5} {snapshot.Running + snapshot.Waiting,8} {GC.GetTotalMemory(false) / 1e6,8:F1} {snapshot.Memory.PrefixStore / 1e6,10:F1} {Environment.WorkingSet / 1e6,12:F1}");
        }

        return text.ToString().TrimEnd();

        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
    }

    private static async ValueTask AskAsync(IInferenceEngine engine, RgbImage[] images, int number, CancellationToken cancellationToken)
    {
        var random = new Random(number);
        List<ChatContent> content = [new ChatText($"Question {random.Next(500)}: how many?")];
        if (random.Next(3) > 0)
        {
            content.Insert(0, new ChatImage(images[random.Next(images.Length)]));
        }

        var request = new GenerationRequest
        {
            Id = $"r{number}",
            Run = $"run {number / 8}",
            Priority = random.Next(3),
            Prompt = engine.RenderChat(new ChatTemplateInput([new ChatTurn("user", content)])),
            MaxTokens = random.Next(1, 24),
            Sampling = new SamplingOptions { Temperature = .8f, Seed = (uint)number, LogitBias = ImmutableDictionary<int, float>.Empty },
            TopLogProbs = random.Next(4) == 0 ? 5 : -1,
        };
        var takes = random.Next(8) == 0 ? random.Next(4) : int.MaxValue;
        await foreach (var item in engine.GenerateAsync(request, cancellationToken))
        {
            // One in eight is left in the middle.
            if (item is TokenGenerated && takes-- == 0)
            {
                break;
            }
        }
    }
}
