using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MuseWorkbench.Bench.Compare;

/// <summary>Asks a server and notes when each token came. The same code for every server.</summary>
internal static class ChatClient
{
    /// <param name="image">PNG bytes, or null.</param>
    /// <param name="banned">Tokens ruled out: with ends of generation among them, all answers are equally long.</param>
    public static JsonObject Body(string prompt, byte[]? image, int tokens, int count, uint seed, IReadOnlyList<int> banned)
    {
        var content = new JsonArray();
        if (image is not null)
        {
            content.Add(new JsonObject
            {
                ["type"] = "image_url",
                ["image_url"] = new JsonObject { ["url"] = "data:image/png;base64," + Convert.ToBase64String(image) },
            });
        }

        content.Add(new JsonObject { ["type"] = "text", ["text"] = prompt });
        return new JsonObject
        {
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = content }),
            ["stream"] = true,
            ["max_tokens"] = tokens,
            ["n"] = count,
            ["seed"] = seed,
            ["temperature"] = 0.8,
            ["top_k"] = 0,
            ["top_p"] = 1,
            ["min_p"] = 0,
            ["repeat_penalty"] = 1,
            ["logit_bias"] = new JsonObject(banned.Select(t => KeyValuePair.Create(t.ToString(System.Globalization.CultureInfo.InvariantCulture), (JsonNode?)-100))),
            ["return_progress"] = false,
        };
    }

    public static Task<ChatTimes> AskAsync(ChatServer server, JsonObject body, CancellationToken cancellationToken) =>
        Start(server, body, cancellationToken).Times;

    /// <summary>Asks without waiting; <c>Begun</c> ends with the first text, or with the reply where that fails.</summary>
    public static (Task Begun, Task<ChatTimes> Times) Start(ChatServer server, JsonObject body, CancellationToken cancellationToken)
    {
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var times = AskAsync(server, body, first, cancellationToken);
        return (Task.WhenAny(first.Task, times), times);
    }

    private static async Task<ChatTimes> AskAsync(ChatServer server, JsonObject body, TaskCompletionSource first, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(server, body, first, cancellationToken);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw new InvalidOperationException($"{server.Name}: {error.Message} Its last lines:\n{server.LastWords}", error);
        }
    }

    private static async Task<ChatTimes> ReadAsync(ChatServer server, JsonObject body, TaskCompletionSource first, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = JsonContent.Create(body) };
        using var response = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{server.Name} refused: {await response.Content.ReadAsStringAsync(cancellationToken)}");
        }

        var times = new Dictionary<int, List<double>>();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken), Encoding.UTF8);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (!line.StartsWith("data: {", StringComparison.Ordinal))
            {
                continue;
            }

            var now = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            using var json = JsonDocument.Parse(line.AsMemory(6));
            if (json.RootElement.TryGetProperty("error", out var error))
            {
                throw new InvalidOperationException($"{server.Name} failed: {error}");
            }

            foreach (var choice in json.RootElement.GetProperty("choices").EnumerateArray())
            {
                if (SaysSomething(choice))
                {
                    first.TrySetResult();
                    var index = choice.GetProperty("index").GetInt32();
                    (times.TryGetValue(index, out var list) ? list : times[index] = []).Add(now);
                }
            }
        }

        return new ChatTimes(started, Stopwatch.GetElapsedTime(started).TotalMilliseconds, [.. times.Values]);
    }

    private static bool SaysSomething(JsonElement choice) =>
        choice.TryGetProperty("delta", out var delta)
        && (Has(delta, "content") || Has(delta, "reasoning_content"));

    private static bool Has(JsonElement delta, string name) =>
        delta.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String && text.GetString()!.Length > 0;
}

/// <summary>When things came, in milliseconds from the request.</summary>
/// <param name="Started">Timestamp of the request.</param>
/// <param name="End">End of the reply.</param>
/// <param name="Tokens">Arrival of each piece of text, one list a sequence.</param>
internal sealed record ChatTimes(long Started, double End, IReadOnlyList<IReadOnlyList<double>> Tokens)
{
    public double First => Tokens.Min(t => t[0]);
}
