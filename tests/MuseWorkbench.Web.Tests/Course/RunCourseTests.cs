using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.Course;
using MuseWorkbench.Web.Features.Workbench.State;
using MuseWorkbench.Web.Tests.Components;

namespace MuseWorkbench.Web.Tests.Course;

public sealed class RunCourseTests
{
    [Fact]
    public void Timeline_SeveralTurns_EachPhaseIsDrawnWhereItWas()
    {
        var script = new RunScript(1)
            .Start(0, "Agent 1", 1, member: 0).Add(new AgentQueued { Agent = 0 }).Add(new AgentPrefilling { Agent = 0, Total = 9, Cached = 3, Processed = 9 })
            .Think(0, "I see").Add(new ToolCalled { Agent = 0, CallId = "c", Tool = "calculator", Arguments = "{}" })
            .Add(new ToolReturned { Agent = 0, CallId = "c", Result = "2" }).Add(new AgentQueued { Agent = 0 }).Answer(0, "2");

        var parts = Assert.Single(TimelineModel.From(script.View).Lanes).Parts;

        Assert.Equal(["q", "p", "t", "x", "t", "q", "a"], parts.Select(part => part.Kind));
        Assert.All(parts.Zip(parts.Skip(1)), pair => Assert.Equal(pair.First.To, pair.Second.From, 6));
        Assert.All(parts, part => Assert.InRange(part.To, part.From, 1));
    }

    [Fact]
    public void Timeline_Stopped_ItsEndIsMarked()
    {
        var script = new RunScript(1).Start(0, "Agent 1", 1, member: 0).Think(0, "I see").EndWithout(0, AgentOutcome.Stopped);

        var last = Assert.Single(TimelineModel.From(script.View).Lanes).Parts[^1];

        Assert.Equal("c", last.Kind);
        Assert.Contains("cancelled at", last.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Timeline_ServerFailed_TheMomentItWentOnIsMarked()
    {
        var script = new RunScript(1).Start(0, "Agent 1", 1, member: 0).Think(0, "I see")
            .Add(new AgentRerouted { Agent = 0, From = "local", To = "local", Reason = "It went away.", Continued = true, Tokens = 2 })
            .Add(new AgentRerouted { Agent = 0, From = "local", To = "far", Reason = "It went away.", Continued = false, Tokens = 2 }).Answer(0, "2");

        var marks = Assert.Single(TimelineModel.From(script.View).Lanes).Parts.Where(part => part.Kind == "r").ToArray();

        Assert.Collection(
            marks,
            mark => Assert.Contains("its server failed; it went on after a restart of local at", mark.Text, StringComparison.Ordinal),
            mark => Assert.Contains("its server failed; it began again at far at", mark.Text, StringComparison.Ordinal));
        Assert.True(marks[0].From < marks[1].From);
    }

    [Fact]
    public void Timeline_EngineRecorded_StripsShareTheAxis()
    {
        var script = new RunScript(1).Add(Sample(4)).Add(Sample(8)).Answer(0, "2");

        var strips = TimelineModel.From(script.View).Strips;

        Assert.Equal(["batch rows", "KV cells"], strips.Select(strip => strip.Name));
        Assert.Contains("8 of 64 rows", strips[0].Text, StringComparison.Ordinal);
        // Ten of forty milliseconds, then twenty; half as high, then at the top.
        Assert.Equal("M0 52L250 52L250 4L500 4", strips[0].Line);
        Assert.Empty(TimelineModel.From(new RunScript(1).Answer(0, "2").View).Strips);
    }

    [Fact]
    public void Moment_WhileThinking_WordsOfThatTimeAndThoseBefore()
    {
        var script = new RunScript(2).Start(0, "Agent 1", 1, member: 0).Think(0, "I see ").Think(0, "an egg").Think(0, " and more").Add(Sample(4)).Answer(0, "1");

        var moment = RunMoment.At(script.View, 35);

        Assert.Equal(("thinking", "I see ", "an egg"), (moment.Lanes[0].Doing, moment.Lanes[0].Before, moment.Lanes[0].Now));
        Assert.Equal(("not started", ""), (moment.Lanes[1].Doing, moment.Lanes[1].Now));
        Assert.Equal(4, moment.Engine!.MeanRows);
        var end = RunMoment.At(script.View, 1000).Lanes[0];
        Assert.Equal(("done", "1", ""), (end.Doing, end.Before, end.Now));
    }

    [Fact]
    public void Votes_LeadChanges_EachVoteWithItsTimeAndWhoLeadsThen()
    {
        var script = new RunScript(3)
            .Answer(1, "3").Vote(2, ("3", [1])).Answer(0, "2").Vote(1, ("3", [1]), ("2", [0])).Answer(2, "2").Vote(0, ("2", [0, 2]), ("3", [1])).Finish();

        var course = VoteCourse.From(script.View);

        Assert.Equal([(1, "3", "3"), (0, "2", "a tie"), (2, "2", "2")], course.Casts.Select(cast => (cast.Agent.Index, cast.Answer, cast.Leader)));
        Assert.Equal(["2", "3"], course.Bands.Select(band => band.Answer));
        Assert.Equal([(0.0, 0.0), (0, 1), (0, 2)], course.Bands[0].Points.Select(point => (point.Low, point.High)));
        Assert.Equal([(0.0, 1.0), (1, 2), (2, 3)], course.Bands[1].Points.Select(point => (point.Low, point.High)));
        Assert.Equal(3, course.Top);
        Assert.Null(course.EarlyStopMs);
    }

    [Fact]
    public void Votes_SecondRound_ItsTallyBeginsAnew()
    {
        var script = new RunScript(2).Vote(1, ("3", [0])).Vote(0, ("3", [0, 1])).Start(2, "Agent 1", 2, member: 0).Vote(1, ("2", [2])).Finish();

        var casts = VoteCourse.From(script.View).Casts;

        Assert.Equal([(0, false), (1, false), (2, true)], casts.Select(cast => (cast.Agent.Index, cast.OpensRound)));
    }

    [Fact]
    public void Votes_StoppedEarly_MomentIsKept()
    {
        var script = new RunScript(2).Answer(0, "3").Vote(1, ("3", [0])).Add(new AgentStoppedEarly { Agent = 1, Reason = EarlyStopReason.Decided, EstimatedTokensSaved = 9 });

        Assert.Equal(40, VoteCourse.From(script.View).EarlyStopMs);
    }

    [Fact]
    public void Agreement_OneDiffers_StandsBesideTheLeaderItFollowsLongest()
    {
        var script = new RunScript(4)
            .Think(0, "I see an egg. 3 eggs.").Think(1, "I see a lid and an egg. 3 eggs.").Think(2, "I see a lid and a tin. 2 eggs.")
            .Answer(0, "3").Answer(1, "3").Answer(2, "2").Vote(1, ("3", [0, 1]), ("2", [2]));

        var groups = AgreementGroup.From(script.View);

        Assert.Equal([("3", true), ("2", false), ("", false)], groups.Select(group => (group.Answer, group.IsLeader)));
        Assert.All(groups[0].Members, member => Assert.Null(member.Beside));
        var differs = Assert.Single(groups[1].Members);
        Assert.Equal((1, 1, "I see a lid and", "a tin."), (differs.Beside!.Index, differs.Parts!.Sentence, differs.Parts.Same, differs.Parts.Mine));
        Assert.Equal(3, Assert.Single(groups[2].Members).Agent.Index);
    }

    [Fact]
    public void View_AgentOfALaterStageBeginsAgain_WhatItHadSaidNoLongerCounts()
    {
        var script = new RunScript(1).Answer(0, "3").Start(1, "Judge", 2, AgentRole.Judge).Think(1, "Hm").Finish(RunOutcome.Interrupted)
            .Add(new RunResumed { Agents = [1] }).Start(1, "Judge", 2, AgentRole.Judge).Think(1, "Well");

        var judge = script.View.Agents[1];

        Assert.Equal(("Well", AgentPhase.Thinking), (judge.Reasoning.ToString(), judge.Phase));
        Assert.Equal(["Hm"], judge.Earlier);
        Assert.Equal("3", script.View.Agents[0].Answer.ToString());
    }

    [Fact]
    public void View_AgentGoesOnAfterAnInterruption_KeepsWhatItHadSaid()
    {
        var script = new RunScript(1).Start(0, "Agent 1", 1, member: 0).See(0, 1, "egg", 0).Think(0, "I see ").Finish(RunOutcome.Interrupted);
        var agent = script.View.Agents[0];
        Assert.Equal(AgentPhase.Stopped, agent.Phase);

        script.Add(new RunResumed { Agents = [], Continued = [0] });
        Assert.Equal((AgentPhase.Waiting, null, 1), (agent.Phase, agent.FinishedAt, script.View.Open));
        script.Think(0, "an egg");

        Assert.Equal((AgentPhase.Thinking, "I see an egg", 0), (agent.Phase, agent.Reasoning.ToString(), agent.Earlier.Count));
        Assert.Single(script.View.Marks);
        Assert.Single(agent.Resumptions);
        var mark = Assert.Single(Assert.Single(TimelineModel.From(script.View).Lanes).Parts, part => part.Kind == "r");
        Assert.Contains("its run was cut off; it went on behind", mark.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void View_ToldToAnswer_SaysSoAndOffersItNoMore()
    {
        var script = new RunScript(1).Start(0, "Agent 1", 1, member: 0).Add(new CallSent { Agent = 0, Call = 1, Messages = [] }).Think(0, "Hm");
        Assert.True(script.View.Agents[0].MayAnswerNow);

        script.Add(new CallEnded { Agent = 0, Call = 1, Output = "<think>Hm" }).Add(new AgentToldToAnswer { Agent = 0, Tokens = 1 }).Add(new CallSent { Agent = 0, Call = 2, Messages = [], Continues = true });

        Assert.False(script.View.Agents[0].MayAnswerNow);
        Assert.Equal([(1, true), (2, false)], script.View.Agents[0].Calls.Select(call => (call.Call, call.EndedSeq is not null)));
    }

    private static EngineSampled Sample(double rows) => new()
    {
        IntervalMs = 10, MeanRows = rows, MaxRows = (int)rows, RowCapacity = 64, Running = 1, Waiting = 0, Generated = 3, Prefilled = 0, Kv = new KvCells(100, 1, 2, 3),
    };
}
