using System.Collections.Immutable;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Scoring;

namespace MuseWorkbench.Curation.Tests.Scoring;

/// <summary>A run's recorded events, written down shortly.</summary>
internal sealed class RunBuilder
{
    private readonly List<RunEvent> _events = [];

    public RunBuilder(int agents = 1, params ImageRef[] images) => Add(new RunStarted
    {
        Request = new RunRequest
        {
            Prompt = "How many eggs are there?", Images = [.. images],
            Team = new TeamSpec { Name = "Team", Agents = [.. Enumerable.Range(1, agents).Select(n => new AgentSpec { Name = $"Agent {n}" })] },
        },
    });

    public static ScoredRun Answering(string answer) => new RunBuilder().Start(0).Say(0, answer).Finish(0, answer).End(answer).Build();

    public RunBuilder Start(int agent, AgentRole role = AgentRole.Member) =>
        Add(new AgentStarted { Agent = agent, Name = $"Agent {agent + 1}", Model = "m", Seed = 1, Role = role });

    public RunBuilder Think(int agent, string text) => Add(new ReasoningDelta { Agent = agent, Text = text });

    public RunBuilder Say(int agent, string text) => Add(new AnswerDelta { Agent = agent, Text = text });

    public RunBuilder See(int agent, Region region, TextChannel channel = TextChannel.Answer) =>
        Add(new RegionFound { Agent = agent, Region = region, Ordinal = 1, Channel = channel, TextStart = 0, TextLength = 0 });

    public RunBuilder Call(int agent, string tool, string arguments, string result)
    {
        var id = $"call {_events.Count}";
        return Add(new ToolCalled { Agent = agent, CallId = id, Tool = tool, Arguments = arguments }).Add(new ToolReturned { Agent = agent, CallId = id, Result = result });
    }

    public RunBuilder Finish(int agent, string answer, AgentOutcome outcome = AgentOutcome.Answered, string? error = null) => Add(new AgentFinished
    {
        Agent = agent, Outcome = outcome, Answer = answer, NormalisedAnswer = answer, Error = error,
        Usage = new TokenUsage(10, 0, 5), Timings = new AgentTimings(0, 0, 0, 0, 0),
    });

    public RunBuilder End(string answer, RunOutcome outcome = RunOutcome.Completed, FinalOutcome final = FinalOutcome.Single, ImmutableArray<int>? by = null, Verdict? verdict = null, string? error = null) =>
        Add(new FinalAnswer { Outcome = final, Answer = answer, Options = answer.Length == 0 ? [] : [new VoteOption(answer, answer, by ?? [0])], Agreement = 1, Verdict = verdict })
            .Add(new RunFinished { Outcome = outcome, WallClockMs = 1234.5, TotalTokens = 800, CriticalPathTokens = 100, Error = error });

    public RunBuilder Add(RunEvent e)
    {
        _events.Add(e with { Seq = _events.Count + 1 });
        return this;
    }

    public ScoredRun Build() => ScoredRun.From(_events);
}
