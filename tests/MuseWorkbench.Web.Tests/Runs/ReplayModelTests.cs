using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Runs.Replay;
using MuseWorkbench.Web.Features.Workbench.State;
using MuseWorkbench.Web.Tests.Components;

namespace MuseWorkbench.Web.Tests.Runs;

public sealed class ReplayModelTests
{
    // Ten milliseconds between events: start, think ×3, answer and finish of agent 0, final, finish.
    private readonly RunScript _script = new RunScript(1).Think(0, "I see ").See(0, 1, "egg", 6).Think(0, "egg").Answer(0, "1 egg")
        .Final(FinalOutcome.Single, "1 egg", 1, ("1 egg", [0])).Finish();

    [Fact]
    public void Seek_AnyMoment_ShowsWhatHadHappenedThen()
    {
        var replay = new ReplayModel(_script.Events);

        Assert.Equal("", replay.View.Agents[0].Reasoning.ToString());
        replay.Seek(TimeSpan.FromMilliseconds(35));
        Assert.Equal("I see egg", replay.View.Agents[0].Reasoning.ToString());
        Assert.Equal(35, (replay.View.AsOf - replay.View.StartedAt)!.Value.TotalMilliseconds);
        Assert.Single(replay.View.Marks);
        replay.Seek(TimeSpan.FromMilliseconds(15));
        Assert.Equal("I see ", replay.View.Agents[0].Reasoning.ToString());
        Assert.Empty(replay.View.Marks);
        Assert.True(replay.View.IsRunning);
        replay.Seek(TimeSpan.FromHours(1));
        Assert.Equal("1 egg", replay.View.Final!.Answer);
        Assert.Equal((replay.Duration, true), (replay.Position, replay.IsAtEnd));
    }

    [Fact]
    public void Advance_Playing_GoesAtItsSpeedAndRestsAtTheEnd()
    {
        var replay = new ReplayModel(_script.Events);
        replay.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Equal(TimeSpan.Zero, replay.Position); // not playing yet
        replay.Play();
        replay.SetSpeed(4);
        replay.Advance(TimeSpan.FromMilliseconds(5));
        Assert.Equal(20, replay.Position.TotalMilliseconds);
        replay.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((true, false), (replay.IsAtEnd, replay.IsPlaying));
        replay.Play();
        Assert.Equal((TimeSpan.Zero, true), (replay.Position, replay.IsPlaying));
    }

    [Fact]
    public void Seek_AnyOrder_EndsLikeTheLiveRun()
    {
        var replay = new ReplayModel(_script.Events);
        foreach (var ms in (int[])[50, 10, 70, 0, 40, 1000])
        {
            replay.Seek(TimeSpan.FromMilliseconds(ms));
        }

        Assert.Equal(_script.View.LastSeq, replay.View.LastSeq);
        Assert.Equal(_script.View.Version, replay.View.Version);
        Assert.Equal(_script.View.Agents[0].Reasoning.Items, replay.View.Agents[0].Reasoning.Items);
        Assert.Equal(_script.View.Agents[0].Answer.ToString(), replay.View.Agents[0].Answer.ToString());
    }

    [Fact]
    public void Duration_ResumedNextDay_LeavesTheNightOut()
    {
        var events = Resumed(TimeSpan.FromHours(9));
        var replay = new ReplayModel(events);

        Assert.Equal(TimeSpan.FromMilliseconds(70), replay.Duration);
        replay.Seek(TimeSpan.FromMilliseconds(40)); // the end and the resumption are one moment
        Assert.True(replay.View.IsRunning);
    }

    [Fact]
    public void Apply_Resumed_UnfinishedAgentBeginsAgainAndKeepsWhatItHadSaid()
    {
        var view = new RunViewModel(Guid.NewGuid());
        foreach (var e in Resumed(TimeSpan.FromHours(9)))
        {
            view.Apply(e);
        }

        Assert.Equal("1 egg", view.Agents[0].FinalAnswer);
        Assert.Equal(["Hm, a plate"], view.Agents[1].Earlier);
        Assert.Equal("One", view.Agents[1].Reasoning.ToString());
        Assert.Equal(AgentPhase.Done, view.Agents[1].Phase);
        Assert.Equal(["0-1"], view.Marks.Select(mark => mark.Key));
        Assert.Equal(["0-1"], view.Clusters.All.Select(cluster => cluster.MemberKeys));
        Assert.False(view.IsRunning);
        Assert.Equal(70, (view.LastAt - view.StartedAt)!.Value.TotalMilliseconds);
    }

    private static List<RunEvent> Resumed(TimeSpan night)
    {
        var script = new RunScript(2).See(0, 1, "egg", 0).Answer(0, "1 egg").Think(1, "Hm, a plate");
        var events = script.Events.ToList();
        Add(new RegionFound { Agent = 1, Ordinal = 1, Region = new Region("plate", 0, 0, 1, 1), Channel = TextChannel.Reasoning, TextStart = 6, TextLength = 5 }, TimeSpan.Zero);
        Add(new RunFinished { Outcome = RunOutcome.Interrupted, WallClockMs = 40, TotalTokens = 1, CriticalPathTokens = 1 }, TimeSpan.Zero);
        Add(new RunResumed { Agents = [1] }, night);
        Add(new ReasoningDelta { Agent = 1, Text = "One", Tokens = 1 }, TimeSpan.FromMilliseconds(10));
        Add(new AgentFinished { Agent = 1, Outcome = AgentOutcome.Answered, Answer = "1 egg", NormalisedAnswer = "1 egg", Usage = new(1, 1, 1), Timings = new(1, 1, 1, 1, 1) }, TimeSpan.FromMilliseconds(10));
        Add(new RunFinished { Outcome = RunOutcome.Completed, WallClockMs = 70, TotalTokens = 2, CriticalPathTokens = 1 }, TimeSpan.FromMilliseconds(10));
        return events;

        void Add(RunEvent e, TimeSpan after) => events.Add(e with { RunId = script.Id, Seq = events.Count + 1, At = events[^1].At + after });
    }
}
