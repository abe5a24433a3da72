using Microsoft.Extensions.DependencyInjection;
using MuseWorkbench.Web.Features.Compare;
using MuseWorkbench.Web.Tests.Kit;

namespace MuseWorkbench.Web.Tests.Compare;

/// <summary>Votes as they are kept, through the product's own services.</summary>
public sealed class VoteFolderTests : IAsyncLifetime
{
    private TestWorkbench _workbench = null!;
    private string _folder = "";

    private VoteFolder Votes => _workbench.App.Services.GetRequiredService<VoteFolder>();

    public async ValueTask InitializeAsync()
    {
        _workbench = await TestWorkbench.StartAsync();
        _folder = Path.Combine(_workbench.App.Configuration["Data:Directory"]!, "votes");
    }

    public ValueTask DisposeAsync() => _workbench.DisposeAsync();

    [Fact]
    public async Task Add_Vote_IsThereForAnotherReaderAndFoundByItsRuns()
    {
        var stop = TestContext.Current.CancellationToken;
        var vote = StandingsTests.Vote(ArenaVerdict.Best, 1, "a", "b");
        await Votes.AddAsync(vote, stop);

        using var again = ActivatorUtilities.CreateInstance<VoteFolder>(_workbench.App.Services);
        var found = await again.FindAsync(vote.Entries.Reverse().Select(entry => entry.RunId), stop);

        Assert.Equal((vote.Id, vote.Winner, vote.Blind), (found!.Id, found.Winner, found.Blind));
        Assert.Equal(vote.Entries, found.Entries);
    }

    [Fact]
    public async Task Add_SameRunsAgain_ReplacesTheVote()
    {
        var stop = TestContext.Current.CancellationToken;
        var vote = StandingsTests.Vote(ArenaVerdict.Best, 1, "a", "b");
        await Votes.AddAsync(vote, stop);
        await Votes.AddAsync(vote with { Id = Guid.NewGuid(), Winner = 0 }, stop);

        Assert.Equal(0, Assert.Single(await Votes.ListAsync(stop)).Winner);
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task Remove_Vote_IsGone()
    {
        var stop = TestContext.Current.CancellationToken;
        var vote = StandingsTests.Vote(ArenaVerdict.Tie, null, "a", "b");
        await Votes.AddAsync(vote, stop);
        await Votes.RemoveAsync(vote.Id, stop);

        Assert.Empty(await Votes.ListAsync(stop));
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task List_DamagedFiles_AreLeftOut()
    {
        var stop = TestContext.Current.CancellationToken;
        Directory.CreateDirectory(_folder);
        await File.WriteAllTextAsync(Path.Combine(_folder, "torn.json"), "{\"id\":", stop);
        await File.WriteAllTextAsync(Path.Combine(_folder, "null.json"), "null", stop);
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "unsound.json"), """{"id":"7f1b1f0e-0000-4000-8000-000000000001","at":"2026-05-01T12:00:00+00:00","entries":[],"verdict":"best","blind":true}""", stop);

        Assert.Empty(await Votes.ListAsync(stop));
    }
}
