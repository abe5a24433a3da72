using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using MuseWorkbench.Core;

namespace MuseWorkbench.E2E.Tests.Hostile;

/// <summary>Runs in which everything a model, a tool or a file name can say is a payload, as documents to import.</summary>
internal static class HostileRuns
{
    /// <summary>All kinds; what executes calls <c>pwn()</c>, what loads asks <see cref="Host"/>.</summary>
    public static ImmutableArray<string> Payloads { get; } =
        [.. File.ReadAllLines(Path.Combine(Repository.Root, "tests", "MuseWorkbench.E2E.Tests", "Hostile", "payloads.txt")).Select(Regex.Unescape)];

    public const string Host = "hostile.test";

    private const int Agents = 16;

    /// <summary>The payloads of each agent.</summary>
    public static string[][] Share(IReadOnlyList<string> payloads) =>
        [.. payloads.Select((payload, i) => (payload, i)).GroupBy(pair => pair.i % Agents, pair => pair.payload).Select(share => share.ToArray())];

    /// <summary>Sixteen agents that share the payloads: each is sent and received, thought, answered, a label, a tool's name, arguments and result.</summary>
    /// <returns>The run's id and its document.</returns>
    public static (Guid Id, byte[] Document) Crowded(IReadOnlyList<string> payloads)
    {
        var shares = Share(payloads);
        List<RunEvent> events = [Started(payloads[0], payloads[1], shares.Select(share => share[0]))];
        for (var agent = 0; agent < shares.Length; agent++)
        {
            events.AddRange(Speak(agent, shares[agent], fails: agent == shares.Length - 1));
        }

        // What shows as dots and steps on the image holds payloads, too.
        var scene = JsonSerializer.Serialize(new { kind = "steps", title = payloads[2], summary = payloads[3], items = payloads.Take(60).Select(payload => new { label = payload, text = payload }) });
        events.Add(new VoteChanged { Open = 0, Options = [.. payloads.Take(6).Select((payload, i) => new VoteOption(payload, payload, [i]))] });
        events.AddRange(Answer(0, scene));
        events.Add(new FinalAnswer
        {
            Outcome = FinalOutcome.Judged, Answer = scene, Agreement = 0.5, Options = [.. payloads.Skip(6).Take(6).Select((payload, i) => new VoteOption(payload, payload, [i]))],
            Verdict = new Verdict(1, VerdictRelation.Overrides) { Claimed = VerdictRelation.Agrees, Reason = payloads[4] },
        });
        return Document(events, payloads[5]);
    }

    /// <summary>A run of one agent that says one thing everywhere.</summary>
    public static (Guid Id, byte[] Document) Single(string payload) =>
        Document([Started(payload, payload, [payload]), .. Answer(0, payload), new FinalAnswer { Outcome = FinalOutcome.Single, Answer = payload, Agreement = 1, Options = [new VoteOption(payload, payload, [0])] }], null);

    /// <summary>A team whose name, agents' names and roles are payloads, as a file to import.</summary>
    public static byte[] Team(IReadOnlyList<string> payloads) => JsonSerializer.SerializeToUtf8Bytes(new TeamSpec
    {
        Name = payloads[0], Agents = [.. Share(payloads).Select(share => new AgentSpec { Name = share[0].Length <= 200 ? share[0] : share[0][..200], Role = string.Join('\n', share) })],
    }, MuseJson.Options);

    private static RunStarted Started(string prompt, string imageName, IEnumerable<string> names) => new()
    {
        Request = new RunRequest
        {
            Prompt = prompt,
            Images = [RunFile.Image with { Name = imageName }],
            Tables = [new TableFile(imageName, $"{prompt}\n{imageName}")],
            Team = new TeamSpec { Name = prompt, Strategy = imageName, Agents = [.. names.Select(name => new AgentSpec { Name = name })] },
        },
    };

    private static IEnumerable<RunEvent> Speak(int agent, string[] payloads, bool fails)
    {
        var (text, starts) = (new StringBuilder(), new List<int>());
        foreach (var payload in payloads)
        {
            starts.Add(text.Length);
            text.Append(payload).Append('\n');
        }

        yield return new AgentStarted { Agent = agent, Name = payloads[0], Model = payloads[^1], Seed = 1, Member = agent };
        yield return new CallSent { Agent = agent, Call = 1, Messages = [new CallMessage("user", text.ToString(), 1)] };
        yield return new ReasoningDelta { Agent = agent, Text = text.ToString(), Tokens = 10 };
        for (var i = 0; i < payloads.Length; i++)
        {
            var at = 0.9 * ((agent * 31) + (i * 17)) % 97 / 110;
            yield return new RegionFound { Agent = agent, Ordinal = i + 1, Channel = TextChannel.Reasoning, TextStart = starts[i], TextLength = payloads[i].Length, Region = new Region(payloads[i], at, at, at + 0.1, at + 0.1) };
            yield return new ToolCalled { Agent = agent, CallId = $"c{i}", Tool = payloads[i], Arguments = JsonSerializer.Serialize(new Dictionary<string, string> { [payloads[i]] = payloads[i] }) };
            yield return new ToolReturned { Agent = agent, CallId = $"c{i}", Result = payloads[i], IsError = i % 2 == 1, Image = i == 2 ? RunFile.Image with { Name = payloads[i] } : null };
        }

        yield return new CallEnded { Agent = agent, Call = 1, Prompt = text.ToString(), Output = text.ToString(), Reasoning = text.ToString() };
        if (agent == 0)
        {
            yield break; // it has the last word, and says it later
        }

        if (fails)
        {
            yield return new AgentFinished { Agent = agent, Outcome = AgentOutcome.Failed, Answer = "", NormalisedAnswer = "", Error = text.ToString(), Usage = new(1, 0, 1), Timings = new(1, 1, 1, 1, 1) };
            yield break;
        }

        foreach (var e in Answer(agent, text.ToString()))
        {
            yield return e;
        }
    }

    private static IEnumerable<RunEvent> Answer(int agent, string text) =>
    [
        new AnswerDelta { Agent = agent, Text = text, Tokens = 20 },
        new AgentFinished { Agent = agent, Outcome = AgentOutcome.Answered, Answer = text, NormalisedAnswer = text, Usage = new(1, 0, 20), Timings = new(1, 1, 1, 1, 1) },
    ];

    private static (Guid Id, byte[] Document) Document(IEnumerable<RunEvent> events, string? error) => RunFile.Of(
        events.Append(new RunFinished { Outcome = error is null ? RunOutcome.Completed : RunOutcome.Failed, WallClockMs = 100, TotalTokens = 30, CriticalPathTokens = 20, Error = error }));
}
