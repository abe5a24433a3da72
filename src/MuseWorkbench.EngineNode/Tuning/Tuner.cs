using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using MuseWorkbench.Engine;
using MuseWorkbench.Engine.Runtimes;

namespace MuseWorkbench.EngineNode.Tuning;

/// <summary>
/// Tries a few settings on this machine, one after the other: threads first, then attention, then rows of a step, each with the
/// best of those before. What is kept is what was faster by more than noise.
/// </summary>
/// <param name="measure">Tokens a second with some settings, throughout a team's work.</param>
/// <param name="say">Gets a line for each that was tried.</param>
internal sealed class Tuner(Func<EngineOptions, CancellationToken, Task<double>> measure, Action<string> say)
{
    /// <summary>A setting must be faster than the one before by this share.</summary>
    private const double Noise = 0.03;

    private static readonly FlashAttention[] s_attention = [FlashAttention.On, FlashAttention.Off];
    private static readonly int[] s_rows = [256, 512, 1024];
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true };

    /// <summary>The settings worth keeping, by name; none where the defaults are best.</summary>
    /// <param name="start">The model, and everything that is not tried.</param>
    /// <param name="cores">Of the machine.</param>
    public async Task<IReadOnlyDictionary<string, string>> TuneAsync(EngineOptions start, int cores, CancellationToken cancellationToken)
    {
        var best = await TryAsync("as set", start, cancellationToken) ?? throw new EngineLoadException("The settings as they are can't be measured, so nothing can be compared with them.");
        var chosen = new Dictionary<string, string>(StringComparer.Ordinal);
        int[] threads = [.. new[] { 1, cores / 2, cores - 1, cores }.Where(n => n >= 1 && n != start.Threads).Distinct().Order()];
        await ChooseAsync("Threads", threads, (o, n) => o.Threads = n);
        await ChooseAsync("FlashAttention", s_attention, (o, kind) => o.FlashAttention = kind);
        await ChooseAsync("BatchSize", s_rows.Where(n => n != start.BatchSize), (o, n) => o.BatchSize = n);
        return chosen;

        async Task ChooseAsync<T>(string name, IEnumerable<T> values, Action<EngineOptions, T> set)
        {
            var from = best;
            foreach (var value in values)
            {
                var options = Copy(from.Options);
                set(options, value);
                var text = string.Create(CultureInfo.InvariantCulture, $"{value}");
                if (await TryAsync($"{name} {text}", options, cancellationToken) is { } tried && tried.Speed > best.Speed * (1 + Noise))
                {
                    best = tried;
                    chosen[name] = text;
                }
            }
        }
    }

    /// <summary>Puts settings into a file of settings; what else is in it stays.</summary>
    /// <exception cref="IOException">It can't be written, or holds something else.</exception>
    public static void Write(string file, IReadOnlyDictionary<string, string> settings)
    {
        JsonObject root;
        try
        {
            root = File.Exists(file) ? JsonNode.Parse(File.ReadAllText(file)) as JsonObject ?? [] : [];
        }
        catch (JsonException e)
        {
            throw new IOException($"{file} is there and holds no settings: {e.Message}", e);
        }

        var engine = root[EngineOptions.Section] as JsonObject ?? [];
        root[EngineOptions.Section] = engine;
        foreach (var name in (string[])["Threads", "FlashAttention", "BatchSize"])
        {
            engine.Remove(name);
            if (settings.TryGetValue(name, out var value))
                engine[name] = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : value;
        }

        File.WriteAllText(file, root.ToJsonString(s_json) + "\n");
    }

    private async Task<(EngineOptions Options, double Speed)?> TryAsync(string name, EngineOptions options, CancellationToken cancellationToken)
    {
        try
        {
            var speed = await measure(options, cancellationToken);
            say(string.Create(CultureInfo.InvariantCulture, $"{name,-24} {speed,10:N0} tokens/s"));
            return (options, speed);
        }
        catch (EngineLoadException e)
        {
            say($"{name,-24} not possible: {e.Message}");
            return null;
        }
    }

    private static EngineOptions Copy(EngineOptions from)
    {
        var copy = new EngineOptions();
        foreach (var property in typeof(EngineOptions).GetProperties())
            property.SetValue(copy, property.GetValue(from));
        return copy;
    }
}
