using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Compare;
using MuseWorkbench.Web.Tests.Components;

namespace MuseWorkbench.Web.Tests.Compare;

public sealed class ArenaTests
{
    private static readonly DateTimeOffset s_now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Blind_OneStillAtWork_HidesNamesAndAnswers()
    {
        var arena = Of(blind: true, ("One", "4"), ("Eight", null));

        Assert.False(arena.IsRevealed);
        Assert.False(arena.ShowsAnswers);
        Assert.Equal("", arena.Summary);
        Assert.NotNull(arena.Problem);
    }

    [Fact]
    public void Blind_AllIn_ShowsAnswersAndKeepsNames()
    {
        var arena = Of(blind: true, ("One", "4"), ("Eight", "5"));

        Assert.True(arena.ShowsAnswers);
        Assert.False(arena.IsRevealed);
        Assert.Null(arena.Problem);
        Assert.Equal("They answer differently.", arena.Summary);
    }

    [Fact]
    public void Take_VoteTakenBack_NamesStayKnownAndTheNextVoteIsNotBlind()
    {
        var arena = Of(blind: true, ("One", "4"), ("Eight", "5"));
        var vote = arena.Cast(ArenaVerdict.Best, 1, s_now);
        arena.Take(vote);
        arena.Take(null);

        Assert.True(vote.Blind);
        Assert.True(arena.IsRevealed);
        Assert.False(arena.Cast(ArenaVerdict.Tie, null, s_now).Blind);
    }

    [Fact]
    public void Cast_Best_NamesRunsInTheOrderShown()
    {
        var arena = Of(blind: false, ("One", "4"), ("Eight", "5"), ("Four", "5"));

        var vote = arena.Cast(ArenaVerdict.Best, 2, s_now);

        Assert.Equal(["One", "Eight", "Four"], vote.Entries.Select(entry => entry.Team));
        Assert.Equal(arena.Contenders.Select(contender => contender.Run.RunId), vote.Entries.Select(entry => entry.RunId));
        Assert.Equal(2, vote.Winner);
        Assert.True(vote.IsSound);
    }

    [Theory]
    [InlineData("Both answer the same.", "4", "4")]
    [InlineData("They answer differently.", "4", "5")]
    [InlineData("All 3 answer the same.", "4", " 4.", "4")]
    [InlineData("B and C answer the same; A differs.", "4", "5", "5")]
    [InlineData("A and B answer the same; C, D differ.", "4", "4", "5", "6")]
    [InlineData("Each answers something else.", "1", "2", "3")]
    [InlineData("Only B answered.", "", "2")]
    public void Summary_Answers_SaysWhoDiffers(string summary, params string[] answers) =>
        Assert.Equal(summary, Of(blind: false, [.. answers.Select((answer, i) => ($"Team {i}", (string?)answer))]).Summary);

    [Fact]
    public void Problem_OneTeamTwice_NoVote() =>
        Assert.Contains("the same", Of(blind: false, ("One", "4"), ("One", "5")).Problem, StringComparison.Ordinal);

    [Fact]
    public void Problem_OneGaveNoAnswer_NoVote() =>
        Assert.Contains("no answer", Of(blind: false, ("One", "4"), ("Eight", "")).Problem, StringComparison.Ordinal);

    [Fact]
    public void DifferencesTo_LongAnswers_MarksTheWordsThatDiffer()
    {
        var arena = Of(blind: false, ("One", "two red eggs on a white plate"), ("Eight", "three red eggs on a white plate"));

        var pieces = arena.Contenders[1].DifferencesTo(arena.Contenders[0]);

        Assert.Contains(pieces, piece => piece is { Kind: Features.Workbench.Course.DiffKind.Removed, Text: "two" });
        Assert.Contains(pieces, piece => piece is { Kind: Features.Workbench.Course.DiffKind.Added, Text: "three" });
    }

    // An answer of null: at work; empty: ended without one.
    private static Arena Of(bool blind, params (string Team, string? Answer)[] teams)
    {
        var arena = new Arena(teams.Select(_ => Guid.NewGuid()), blind);
        foreach (var (contender, (team, answer)) in arena.Contenders.Zip(teams))
        {
            var script = new RunScript(new AgentSpec { Name = team });
            script.Request = script.Request with { Team = script.Request.Team with { Name = team } };
            Play(contender, new RunStarted { Request = script.Request }, answer);
        }

        return arena;
    }

    private static void Play(Contender contender, RunStarted started, string? answer)
    {
        RunEvent[] events = answer switch
        {
            null => [started],
            "" => [started, new RunFinished { Outcome = RunOutcome.Failed, WallClockMs = 1, TotalTokens = 1, CriticalPathTokens = 1 }],
            _ => [started, new FinalAnswer { Outcome = FinalOutcome.Single, Answer = answer, Agreement = 1, Options = [] },
                new RunFinished { Outcome = RunOutcome.Completed, WallClockMs = 1, TotalTokens = 1, CriticalPathTokens = 1 }],
        };
        foreach (var (i, e) in events.Index())
        {
            contender.Run.Apply(e with { RunId = contender.Run.RunId, Seq = i + 1, At = s_now });
        }
    }
}
