using System.Text.Json;
using System.Text.Json.Serialization;

namespace MuseWorkbench.Bench.Pool;

/// <summary>One run that arrives. As JSON: <c>{"atMs":0,"prefix":"scene-01","promptTokens":700,"answerTokens":[120,96]}</c>.</summary>
/// <param name="AtMs">When, from the trace's beginning.</param>
/// <param name="Prefix">What runs over the same image and question have in common.</param>
/// <param name="PromptTokens">Tokens of that.</param>
/// <param name="AnswerTokens">For each agent, the tokens it will generate.</param>
internal sealed record Arrival(double AtMs, string Prefix, int PromptTokens, IReadOnlyList<int> AnswerTokens)
{
    [JsonIgnore]
    public ulong Key { get; } = System.IO.Hashing.XxHash3.HashToUInt64(System.Text.Encoding.UTF8.GetBytes(Prefix));
}

/// <summary>Runs in the order of their arrival.</summary>
internal static class PoolTrace
{
    /// <summary>
    /// Poisson arrivals over <paramref name="images"/> images whose popularity falls as 1/rank (Zipf), each run of so many
    /// agents with answers of geometric length. The same seed makes the same runs whatever the rate.
    /// </summary>
    public static IReadOnlyList<Arrival> Synthetic(int runs, double runsPerSecond, int images, int agents, int promptTokens, int answerTokens, int seed)
    {
        var random = new Random(seed);
        var weights = Enumerable.Range(1, images).Select(rank => 1.0 / rank).ToArray();
        var total = weights.Sum();
        var at = 0.0;
        var arrivals = new List<Arrival>(runs);
        for (var run = 0; run < runs; run++)
        {
            at += -Math.Log(1 - random.NextDouble()) * 1000 / runsPerSecond;
            var pick = random.NextDouble() * total;
            var image = 0;
            while (image < images - 1 && (pick -= weights[image]) > 0)
                image++;
            arrivals.Add(new Arrival(at, $"image {image}", promptTokens, [.. Enumerable.Range(0, agents).Select(_ => Geometric(random, answerTokens))]));
        }

        return arrivals;
    }

    /// <summary>One JSON object a line.</summary>
    /// <exception cref="ArgumentException">The file can't be read; the message says which line.</exception>
    public static IReadOnlyList<Arrival> Read(string file)
    {
        if (!File.Exists(file))
            throw new ArgumentException($"There is no trace at {file}.");
        var arrivals = new List<Arrival>();
        var number = 0;
        foreach (var line in File.ReadLines(file))
        {
            number++;
            if (line.Trim().Length == 0)
                continue;
            try
            {
                var arrival = JsonSerializer.Deserialize<Arrival>(line, JsonSerializerOptions.Web);
                if (arrival is not { Prefix: not null, AtMs: >= 0, PromptTokens: >= 0, AnswerTokens.Count: > 0 })
                    throw new JsonException("it lacks atMs, prefix, promptTokens or answerTokens");
                arrivals.Add(arrival);
            }
            catch (JsonException e)
            {
                throw new ArgumentException($"Line {number} of the trace is no arrival: {e.Message}", e);
            }
        }

        return arrivals.Count > 0 ? [.. arrivals.OrderBy(a => a.AtMs)] : throw new ArgumentException("The trace is empty.");
    }

    private static int Geometric(Random random, int mean) => 1 + (int)(Math.Log(1 - random.NextDouble()) / Math.Log(1 - (1.0 / Math.Max(2, mean))));
}
