using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using MuseWorkbench.Engine.Runtimes;
using MuseWorkbench.Engine.Runtimes.Gguf;
using MuseWorkbench.Engine.Runtimes.Gguf.Preflight;
using MuseWorkbench.Engine.Sampling;

namespace MuseWorkbench.Bench.Flips;

/// <summary>
/// Loads one damaged model after another and says on standard output what became of each: <c>NUMBER begin</c>, then
/// <c>NUMBER refused|error|ran|unusable REASON</c>. The process may die of one; its parent knows which by the last line.
/// </summary>
internal static class FlipChild
{
    private const int Steps = 4;

    public static void Run(FlipOptions options)
    {
        var folder = Directory.CreateTempSubdirectory("muse-flips-");
        try
        {
            var path = Path.Combine(folder.FullName, "damaged.gguf");
            using var flips = new FileFlips(options.Model, path, HeaderLength(options.Model), options.Seed);
            for (var number = options.From; number < options.Count; number++)
            {
                Say(number, "begin");
                flips.Make(number);
                Say(number, Try(path));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Where the first tensor's data lies.</summary>
    public static int HeaderLength(string model)
    {
        using var file = GgufFile.Open(model);
        return (int)file.Tensors.Values.Min(tensor => tensor.Offset);
    }

    private static string Try(string path)
    {
        try
        {
            GgufPreflight.Check(path);
        }
        catch (Exception error) when (error is InvalidDataException or RuntimeLoadException)
        {
            return $"refused {error.Message}";
        }

        try
        {
            using var runtime = LlamaCppRuntime.Load(
                new() { ModelPath = path, ContextCells = 256, MaxBatch = 64, PhysicalBatch = 64, MaxSequences = 2, Threads = 1 },
                NullLoggerFactory.Instance, progress: null, CancellationToken.None);
            return Generate(runtime);
        }
        catch (Exception error) when (error is InvalidDataException or RuntimeLoadException)
        {
            return $"error {error.Message}";
        }
    }

    private static string Generate(LlamaCppRuntime runtime)
    {
        try
        {
            var tokens = runtime.Tokenize("How many apples are there? \u00e9\u4e2d\n", addSpecial: true, parseSpecial: true);
            using var sampler = runtime.CreateSampler(new SamplingOptions { Temperature = 0 });
            var position = 0;
            for (var step = 0; step < Steps && tokens.Length > 0; step++)
            {
                var batch = new DecodeBatch();
                for (var i = 0; i < tokens.Length; i++)
                {
                    batch.Tokens.Add(tokens[i]);
                    batch.Positions.Add(position++);
                    batch.Sequences.Add(0);
                    batch.WantLogits.Add(i == tokens.Length - 1);
                }

                if (runtime.Decode(batch) is not DecodeStatus.Ok and var status)
                {
                    return $"unusable the decode ended with {status}";
                }

                var token = sampler.Sample(runtime.GetLogits(tokens.Length - 1).Span);
                runtime.TokenToPiece(token, special: true);
                tokens = [token];
            }

            return "ran";
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException)
        {
            return $"unusable {error.Message}"; // in the node, the request's end or the engine's, told to its client
        }
    }

    private static void Say(int number, string what)
    {
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{number} {what.ReplaceLineEndings(" ")}"));
        Console.Out.Flush();
    }
}
