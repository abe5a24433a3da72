using System.Collections.Immutable;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Workbench.State;

/// <summary>A run as the page shows it: a fold over its events, and nothing else. Touched on the circuit's dispatcher only.</summary>
public sealed class RunViewModel(Guid runId)
{
    // A bound on what a broken stream can make this page hold: no strategy comes near it.
    private const int MostAgents = 1024;

    // As above: agents that each name all they may come to less.
    private const int MostMarks = 10_000;

    private readonly List<RegionMark> _marks = [];
    private readonly List<string> _announcements = [];
    private readonly List<VoteStep> _votes = [];
    private readonly List<EngineSampled> _engine = [];

    public Guid RunId { get; } = runId;
    public RunRequest? Request { get; private set; }
    public ImmutableArray<AgentViewModel> Agents { get; private set; } = [];
    public ImmutableArray<VoteOption> Options { get; private set; } = [];
    /// <summary>Agents that may still answer.</summary>
    public int Open { get; private set; }
    public FinalAnswer? Final { get; private set; }
    /// <summary>The final answer's parts, where it is a structured one.</summary>
    public AnswerScene? Scene { get; private set; }
    public RunFinished? Finished { get; private set; }
    public DateTimeOffset? StartedAt { get; private set; }
    public DateTimeOffset LastAt { get; private set; }
    public long LastSeq { get; private set; }
    /// <summary>Time between segments, left out of every time here: a run that was resumed the next day did not take a day.</summary>
    public TimeSpan Pause { get; private set; }
    /// <summary>In a replay, the moment it shows; null where the run is as it is now.</summary>
    public DateTimeOffset? AsOf { get; set; }
    public RegionClusters Clusters { get; private set; } = new();
    public IReadOnlyList<RegionMark> Marks => _marks;
    /// <summary>The tally after each vote, in order.</summary>
    public IReadOnlyList<VoteStep> Votes => _votes;
    /// <summary>What the engine did meanwhile, in order; empty for runs that have no record of it.</summary>
    public IReadOnlyList<EngineSampled> Engine => _engine;
    /// <summary>Grows with every event.</summary>
    public long Version { get; private set; }
    /// <summary>Grows when a box was found.</summary>
    public long OverlayVersion { get; private set; }
    /// <summary>Grows when the votes, the final answer or the run's end changed.</summary>
    public long VoteVersion { get; private set; }

    public bool IsRunning => Finished is null;
    public int AgentsIn => Agents.Count(agent => agent.IsOver);
    public int TotalTokens => Finished?.TotalTokens ?? Agents.Sum(agent => agent.Tokens);
    /// <summary>Tokens of the longest chain so far; agents of one round run side by side, so the longest of them.</summary>
    public int CriticalPathTokens => Finished?.CriticalPathTokens ?? Agents.GroupBy(agent => agent.Stage).Sum(stage => stage.Max(agent => agent.Tokens));
    public bool HasTie => Options is [var first, var second, ..] && first.Strength - second.Strength < 1e-9 * first.Strength;
    /// <summary>Stages so far.</summary>
    public int Stages => Agents.IsEmpty ? 1 : Agents.Max(agent => agent.Stage);
    /// <summary>The agents whose answers are being counted: those of the stage that votes.</summary>
    public IEnumerable<AgentViewModel> Voters
    {
        get
        {
            var stage = Options.SelectMany(option => option.Agents).Where(index => index < Agents.Length).Select(index => Agents[index].Stage).DefaultIfEmpty(1).Max();
            return Agents.Where(agent => agent.Stage == stage && agent.Role == AgentRole.Member);
        }
    }

    /// <summary>Folds one event in; events already seen are ignored.</summary>
    public void Apply(RunEvent e)
    {
        ArgumentNullException.ThrowIfNull(e);
        if (e.Seq <= LastSeq)
        {
            return;
        }

        if (e is RunResumed && LastSeq > 0)
        {
            Pause = e.At - LastAt;
        }

        if (Pause != TimeSpan.Zero)
        {
            e = e with { At = e.At - Pause };
        }

        (LastSeq, LastAt) = (e.Seq, e.At);
        Version++;
        switch (e)
        {
            case RunStarted started:
                Start(started);
                break;
            case AgentEvent agentEvent when agentEvent.Agent is >= 0 and < MostAgents:
                Grow(agentEvent);
                ApplyToAgent(Agents[agentEvent.Agent], agentEvent);
                break;
            case VoteChanged vote:
                (Options, Open) = (vote.Options, vote.Open);
                _votes.Add(new VoteStep(vote.At, vote.Options, vote.Open));
                VoteVersion++;
                break;
            case FinalAnswer final:
                (Final, Options, Open) = (final, final.Options, 0);
                Scene = AnswerScene.OfFinal(this);
                VoteVersion++;
                OverlayVersion += Scene is null ? 0 : 1;
                Announce(DescribeFinal(final));
                break;
            case RunFinished finished:
                End(finished);
                break;
            case RunResumed resumed:
                Resume(resumed);
                break;
            case EngineSampled sample:
                _engine.Add(sample);
                break;
        }
    }

    /// <summary>What changed since the last call, in words for a listener; token text is never among it.</summary>
    public IReadOnlyList<string> TakeAnnouncements()
    {
        if (_announcements.Count == 0)
        {
            return [];
        }

        var taken = _announcements.ToArray();
        _announcements.Clear();
        return taken;
    }

    private void Start(RunStarted started)
    {
        Request = started.Request;
        StartedAt = started.At;
        Agents = [.. started.Request.Team.Agents.Select((spec, index) => new AgentViewModel(index, spec))];
        Open = Agents.Length;
        VoteVersion++;
        Announce(Agents.Length == 1 ? "Run started with one agent." : $"Run started with {Agents.Length} agents.");
    }

    // Agents start side by side, so one may be heard of before the one with the number before it.
    private void Grow(AgentEvent e)
    {
        if (e.Agent >= Agents.Length)
        {
            Agents = Agents.AddRange(Enumerable.Range(Agents.Length, e.Agent + 1 - Agents.Length).Select(index => new AgentViewModel(index, new AgentSpec { Name = "" })));
        }

        if (e is AgentStarted started && Request?.Team is { } team)
        {
            // One that has been heard of before was asked something else after a resumption: what it had said no longer counts.
            if (Agents[e.Agent].StartedAt is not null)
            {
                Restart([e.Agent]);
            }

            Agents[e.Agent].WorkAs(started.Member is { } member && member >= 0 && member < team.Agents.Length ? team.Agents[member] : team.LeadOrDefault);
        }
    }

    private void ApplyToAgent(AgentViewModel agent, AgentEvent e)
    {
        agent.Apply(e);
        if (e is RegionFound found && _marks.Count < MostMarks)
        {
            var mark = new RegionMark(agent.Index, found.Ordinal, found.Region) { Colour = agent.Colour, Channel = found.Channel, TextStart = found.TextStart };
            _marks.Add(mark);
            Clusters.Add(mark);
            agent.Mark(found, mark);
            OverlayVersion++;
        }
        else if (e is AgentFinished finished)
        {
            agent.Understand(_marks);
            VoteVersion++;
            Announce(finished.Outcome switch
            {
                AgentOutcome.Answered => $"{agent.Name} answered {Text.Shorten(StructuredAnswerReader.Brief(finished.Answer), 80)}.",
                AgentOutcome.LengthLimit => finished.Error is { } full ? $"{agent.Name} was cut short: {full}" : $"{agent.Name} reached its token budget.",
                AgentOutcome.Stopped when agent.StoppedEarly is not null => $"{agent.Name} was no longer needed.",
                AgentOutcome.Stopped => $"{agent.Name} was stopped.",
                _ => $"{agent.Name} failed: {finished.Error}",
            });
        }
    }

    private void End(RunFinished finished)
    {
        Finished = finished;
        Open = 0;
        VoteVersion++;
        foreach (var agent in Agents)
        {
            agent.EndWithRun(finished.At);
        }

        if (finished.Outcome != RunOutcome.Completed)
        {
            Announce(finished.Outcome switch
            {
                RunOutcome.Stopped => "Run stopped.",
                RunOutcome.Interrupted => "Run was interrupted.",
                _ => $"Run failed: {finished.Error}",
            });
        }
    }

    private void Resume(RunResumed resumed)
    {
        var continued = Agents.Where(agent => resumed.Continued.Contains(agent.Index)).ToArray();
        var count = Agents.Count(agent => resumed.Agents.Contains(agent.Index)) + continued.Length;
        Restart(resumed.Agents);
        foreach (var agent in continued)
        {
            agent.GoOn(resumed.At);
        }

        _votes.Clear();
        (Finished, Final, Scene, Open) = (null, null, null, count);
        OverlayVersion++;
        VoteVersion++;
        Announce(count == 1 ? "Run resumed with one agent." : $"Run resumed with {count} agents.");
    }

    private void Restart(ImmutableArray<int> agents)
    {
        foreach (var agent in Agents.Where(agent => agents.Contains(agent.Index)))
        {
            agent.Restart();
        }

        // What they had named goes with what they had said.
        _marks.RemoveAll(mark => agents.Contains(mark.Agent));
        Clusters = new RegionClusters();
        foreach (var mark in _marks)
        {
            Clusters.Add(mark);
        }

        OverlayVersion++;
    }

    private void Announce(string text) => _announcements.Add(text);

    private static string DescribeFinal(FinalAnswer final) => final.Outcome switch
    {
        FinalOutcome.NoAnswer => "No agent answered.",
        FinalOutcome.Tie => $"The vote is a tie between {Text.Shorten(StructuredAnswerReader.Brief(final.Answer), 120)}.",
        FinalOutcome.CastingVote => $"The vote is a tie; the earliest agent's answer counts: {Text.Shorten(StructuredAnswerReader.Brief(final.Answer), 120)}.",
        FinalOutcome.Single or FinalOutcome.Judged or FinalOutcome.Synthesised => $"Final answer: {Text.Shorten(StructuredAnswerReader.Brief(final.Answer), 120)}.",
        _ => $"Final answer: {Text.Shorten(StructuredAnswerReader.Brief(final.Answer), 120)}, agreement {Fmt.Percent(final.Agreement)}.",
    };
}

/// <summary>The tally as it stood from a moment on.</summary>
public sealed record VoteStep(DateTimeOffset At, ImmutableArray<VoteOption> Options, int Open);
