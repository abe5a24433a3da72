using System.Collections.Immutable;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.State;

namespace MuseWorkbench.Web.Tests.Components;

/// <summary>Writes a run's events with the right numbers, ten milliseconds apart, and folds them into a view model.</summary>
internal sealed class RunScript
{
    public static readonly ImageRef Image = new(new string('a', 64), "image/png", 400, 200, "table.png");

    private readonly DateTimeOffset _start = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly List<RunEvent> _events = [];

    public RunScript(int agents = 2) : this(new AgentSpec { Name = "Agent 1" }, [.. Enumerable.Range(2, agents - 1).Select(n => new AgentSpec { Name = $"Agent {n}" })])
    {
    }

    public RunScript(AgentSpec first, params AgentSpec[] others)
    {
        Id = Guid.NewGuid();
        View = new RunViewModel(Id);
        Request = new RunRequest
        {
            Prompt = "How many?",
            Images = [Image],
            Team = new TeamSpec { Name = "Test", Agents = [first, .. others] },
        };
        Add(new RunStarted { Request = Request });
    }

    public Guid Id { get; }
    public RunRequest Request { get; set; }
    public RunViewModel View { get; }
    public IReadOnlyList<RunEvent> Events => _events;

    public RunScript Add(RunEvent e)
    {
        var numbered = e with { RunId = Id, Seq = _events.Count + 1, At = _start.AddMilliseconds(10 * _events.Count) };
        _events.Add(numbered);
        View.Apply(numbered);
        return this;
    }

    public RunScript Think(int agent, string text, int tokens = 1) => Add(new ReasoningDelta { Agent = agent, Text = text, Tokens = tokens });

    public RunScript See(int agent, int ordinal, string label, int start, double x0 = 0.1, double y0 = 0.1, double size = 0.2) => Add(new RegionFound
    {
        Agent = agent, Ordinal = ordinal, Region = new Region(label, x0, y0, x0 + size, y0 + size), Channel = TextChannel.Reasoning, TextStart = start, TextLength = label.Length,
    });

    public RunScript Answer(int agent, string answer) => Add(new AnswerDelta { Agent = agent, Text = answer, Tokens = 20 }).Add(new AgentFinished
    {
        Agent = agent, Outcome = AgentOutcome.Answered, Answer = answer, NormalisedAnswer = answer,
        Usage = new TokenUsage(95, 88, 20), Timings = new AgentTimings(5, 60, 214, 61, 900),
    });

    public RunScript Fail(int agent, string error) => Add(new AgentFinished
    {
        Agent = agent, Outcome = AgentOutcome.Failed, Answer = "", NormalisedAnswer = "", Error = error,
        Usage = new TokenUsage(0, 0, 0), Timings = new AgentTimings(0, 0, 0, 0, 0),
    });

    public RunScript Start(int agent, string name, int stage, AgentRole role = AgentRole.Member, int? member = null) => Add(new AgentStarted
    {
        Agent = agent, Name = name, Model = "muse-mini", Seed = 7, Stage = stage, Role = role, Member = member,
    });

    public RunScript EndWithout(int agent, AgentOutcome outcome, string? error = null) => Add(new AgentFinished
    {
        Agent = agent, Outcome = outcome, Answer = "", NormalisedAnswer = "", Error = error,
        Usage = new TokenUsage(95, 88, 20), Timings = new AgentTimings(5, 60, 214, 61, 900),
    });

    public RunScript Vote(int open, params (string Answer, int[] Agents)[] options) => Add(new VoteChanged { Open = open, Options = Options(options) });

    public RunScript Final(FinalOutcome outcome, string answer, double agreement, params (string Answer, int[] Agents)[] options) =>
        Add(new FinalAnswer { Outcome = outcome, Answer = answer, Agreement = agreement, Options = Options(options) });

    public RunScript Final(
        FinalOutcome outcome, string answer, double agreement, Func<FinalAnswer, FinalAnswer> change, params (string Answer, int[] Agents)[] options) =>
        Add(change(new FinalAnswer { Outcome = outcome, Answer = answer, Agreement = agreement, Options = Options(options) }));

    public RunScript Finish(RunOutcome outcome = RunOutcome.Completed, string? error = null) =>
        Add(new RunFinished { Outcome = outcome, WallClockMs = 1420, TotalTokens = 495, CriticalPathTokens = 81, Error = error });

    private static ImmutableArray<VoteOption> Options((string Answer, int[] Agents)[] options) =>
        [.. options.Select(option => new VoteOption(option.Answer, option.Answer, [.. option.Agents]))];
}
