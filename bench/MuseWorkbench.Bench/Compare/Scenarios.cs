using System.Diagnostics;
using System.Text.Json.Nodes;

namespace MuseWorkbench.Bench.Compare;

/// <summary>The same work for any server. Every run has an image of its own, so that nothing of it is cached before.</summary>
/// <param name="banned">Tokens that end generation, or that are no text.</param>
/// <param name="context">Text of about 500 tokens that all agents share.</param>
/// <param name="longPrompt">Text of about 2,000 tokens.</param>
internal sealed class Scenarios(IReadOnlyList<int> banned, string context, string longPrompt)
{
    public const int Agents = 8;
    public const int Tokens = 128;

    /// <summary>What each agent is told by itself.</summary>
    public static readonly IReadOnlyList<string> Roles =
    [
        "Count twice.", "Look at the edges first.", "Name colours.", "Doubt the first thought.",
        "Go from left to right.", "Go from top to bottom.", "Be brief.", "Explain each step.",
    ];

    private int _picture;

    /// <summary>Eight agents, each its own request with its own role at the end: milliseconds to the last one's answer.</summary>
    public async Task<double> SeparateAsync(ChatServer server, CancellationToken cancellationToken)
    {
        var image = Picture.Draw(_picture++);
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Roles.Select((role, i) => ChatClient.AskAsync(server, Body($"{context}\n\n{role}", image, Tokens, 1, (uint)i), cancellationToken)));
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    /// <summary>One request for eight sequences: milliseconds to the end.</summary>
    public async Task<double> OneRequestAsync(ChatServer server, CancellationToken cancellationToken) =>
        (await ChatClient.AskAsync(server, Body(context, Picture.Draw(_picture++), Tokens, Agents, 1), cancellationToken)).End;

    /// <summary>An image and its context with another question at the end, cold and again: milliseconds to the first token.</summary>
    public async Task<(double Cold, double Again)> TwiceAsync(ChatServer server, CancellationToken cancellationToken)
    {
        var image = Picture.Draw(_picture++);
        var cold = await ChatClient.AskAsync(server, Body($"{context}\n\nWhat is on the left?", image, 4, 1, 1), cancellationToken);
        var again = await ChatClient.AskAsync(server, Body($"{context}\n\nAnd on the right?", image, 4, 1, 2), cancellationToken);
        return (cold.First, again.First);
    }

    /// <summary>A long prompt arrives while eight agents generate: the 99th percentile of their inter-token latency until its first token, milliseconds.</summary>
    public async Task<double> LongPromptAsync(ChatServer server, CancellationToken cancellationToken)
    {
        var image = Picture.Draw(_picture++);
        var agents = Roles.Select((role, i) => ChatClient.Start(server, Body(role, image, 4 * Tokens, 1, (uint)i), cancellationToken)).ToArray();
        await Task.WhenAll(agents.Select(agent => agent.Begun));
        var arrived = Stopwatch.GetTimestamp();
        var prompt = await ChatClient.AskAsync(server, Body($"{_picture} {longPrompt}", null, 1, 1, 10), cancellationToken);
        var gaps = new List<double>();
        foreach (var agent in await Task.WhenAll(agents.Select(agent => agent.Times)))
        {
            var offset = Stopwatch.GetElapsedTime(agent.Started, arrived).TotalMilliseconds;
            var times = agent.Tokens[0];
            gaps.AddRange(times.Skip(1).Select((t, i) => (From: times[i], To: t))
                .Where(g => g.To > offset && g.From < offset + prompt.First).Select(g => g.To - g.From));
        }

        gaps.Sort();
        return gaps.Count > 0 ? gaps[(int)Math.Ceiling(gaps.Count * .99) - 1] : throw new InvalidOperationException("The agents had ended before the prompt arrived.");
    }

    private JsonObject Body(string prompt, byte[]? image, int tokens, int count, uint seed) => ChatClient.Body(prompt, image, tokens, count, seed, banned);
}
