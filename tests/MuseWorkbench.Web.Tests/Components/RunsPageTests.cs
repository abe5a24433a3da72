using System.Collections.Immutable;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Core;
using MuseWorkbench.Data.Runs;
using MuseWorkbench.Web.Features.Runs;
using MuseWorkbench.Web.Features.Runs.Export;
using MuseWorkbench.Web.Features.Runs.List;
using MuseWorkbench.Web.Features.Runs.Replay;

namespace MuseWorkbench.Web.Tests.Components;

public sealed class RunsPageTests : WorkbenchBunit
{
    private readonly FakeCatalog _catalog = new();
    private readonly FakeStore _store = new();
    private readonly ScriptedRuns _runs = new();

    public RunsPageTests()
    {
        Services.AddSingleton<IRunCatalog>(_catalog);
        Services.AddSingleton<IRunStore>(_store);
        Services.AddSingleton<IRunService>(_runs);
        Services.AddSingleton(new RunImport(_store, _catalog, null!));
    }

    [Fact]
    public void NoRuns_SaysWhatToDo() =>
        Assert.Contains("No runs yet", Render<RunsPage>().Find(".empty").TextContent, StringComparison.Ordinal);

    [Fact]
    public void NoMatch_OffersAllRuns()
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo("runs?q=nothing");
        Assert.Contains("No run matches", Render<RunsPage>().Find(".empty").TextContent, StringComparison.Ordinal);
        Assert.Equal("nothing", _catalog.LastQuery!.Search);
    }

    [Fact]
    public void Delete_ThenUndo_RunIsBack()
    {
        _catalog.Runs.Add(Record("How many?"));
        var page = Render<RunsPage>();
        page.Find("[aria-label='Delete run']").Click();
        Assert.Empty(page.FindAll("li.row"));
        Assert.Single(_runs.Forgotten);
        page.Find(".undo .btn").Click();
        Assert.Single(page.FindAll("li.row"));
        Assert.Empty(page.FindAll(".undo"));
    }

    [Fact]
    public void Row_HostileText_StaysText()
    {
        _catalog.Runs.Add(Record("<img src=x onerror=alert(1)>") with { Answer = "<script>alert(1)</script>", Tags = ["<b>"], Notes = "<i>" });
        var page = Render<RunsPage>();
        Assert.Empty(page.FindAll("li.row script, li.row b, li.row i, li.row img[src=x]"));
        Assert.Equal("<script>alert(1)</script>", page.Find("li.row .a").TextContent);
    }

    [Fact]
    public void Row_Marked_CatalogIsTold()
    {
        _catalog.Runs.Add(Record("q") with { Rating = 2 });
        var page = Render<RunsPage>();
        page.Find("input.new").Change("one, two");
        Assert.Equal(["one", "two"], _catalog.Runs[0].Tags);
        page.Find("[aria-label='2 stars']").Click();
        Assert.Null(_catalog.Runs[0].Rating); // the star that was set takes it away
        page.Find(".note").Click();
        page.Find("textarea").Change("Look again");
        Assert.Equal("Look again", _catalog.Runs[0].Notes);
    }

    [Fact]
    public void Chosen_Two_CanBeCompared()
    {
        _catalog.Runs.AddRange([Record("a"), Record("b"), Record("c")]);
        var page = Render<RunsPage>();
        foreach (var index in (int[])[0, 1, 2])
        {
            page.FindAll("li.row > input")[index].Change(true);
        }

        // The last two chosen.
        Assert.Equal($"compare/{_catalog.Runs[1].RunId}/{_catalog.Runs[2].RunId}", page.Find("a.go").GetAttribute("href"));
    }

    [Fact]
    public void StoreBanner_ProblemComesAndGoes_SaysSo()
    {
        var banner = Render<StoreBanner>();
        Assert.Equal("", banner.Markup.Trim());
        _store.Become(new RunStoreStatus(false, "The disk is full."));
        banner.WaitForAssertion(() => Assert.Contains("The disk is full.", banner.Find("[role=alert]").TextContent, StringComparison.Ordinal));
        _store.Become(new RunStoreStatus(true));
        banner.WaitForAssertion(() => Assert.Equal("", banner.Markup.Trim()));
    }

    [Fact]
    public void ReplayBar_ScrubbedAndInstant_MovesModelAndTellsPage()
    {
        var model = new ReplayModel(new RunScript(1).Think(0, "x").Answer(0, "1").Finish().Events);
        var moved = 0;
        var bar = Render<ReplayBar>(p => p.Add(x => x.Model, model).Add(x => x.OnMoved, () => moved++));
        bar.Find("input").Input("20");
        Assert.Equal(20, model.Position.TotalMilliseconds);
        bar.Find("input").Input("not a number");
        Assert.Equal(20, model.Position.TotalMilliseconds);
        bar.Find("[data-key='0']").Click();
        Assert.True(model.IsAtEnd);
        bar.Find("[data-key='4']").Click();
        Assert.Equal((4, 3), (model.Speed, moved));
    }

    private static RunRecord Record(string prompt) => new(
        Guid.NewGuid(), new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero), prompt, "Eight", "self-consistency", 8, ["muse-mini"],
        RunOutcome.Completed, "3", 1, 1200, 300, 40, null, "", [], []);

    private sealed class FakeStore : IRunStore
    {
        public RunStoreStatus Status { get; private set; } = new(true);

        public event Action? StatusChanged;

        public void Become(RunStoreStatus status)
        {
            Status = status;
            StatusChanged?.Invoke();
        }

        public void Notify(IUnsavedEvents run) => run.NotSaved();

        public Task AppendAsync(IReadOnlyList<RunEvent> events, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<IReadOnlyList<RunEvent>> ReadAsync(Guid runId, long afterSeq, int limit, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<RunEvent>>([]);

        public Task<bool> ContainsAsync(Guid runId, CancellationToken cancellationToken) => Task.FromResult(false);

        public Task<IReadOnlyList<Guid>> FindOpenAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<Guid>>([]);
    }

    private sealed class FakeCatalog : IRunCatalog
    {
        private RunRecord? _deleted;

        public List<RunRecord> Runs { get; } = [];
        public RunQuery? LastQuery { get; private set; }

        public Task<RunPage> FindAsync(RunQuery query, CancellationToken cancellationToken)
        {
            LastQuery = query;
            return Task.FromResult(query.Search.Length > 0 ? new RunPage([], 0) : new RunPage([.. Runs], Runs.Count));
        }

        public Task<RunRecord?> GetAsync(Guid runId, CancellationToken cancellationToken) => Task.FromResult(Runs.Find(run => run.RunId == runId));

        public Task<IReadOnlyDictionary<Guid, int>> GetRatingsAsync(Guid experiment, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<RunFacets> GetFacetsAsync(CancellationToken cancellationToken) => Task.FromResult(new RunFacets([], [], []));

        public Task<ImmutableArray<string>> SetTagsAsync(Guid runId, IEnumerable<string> tags, CancellationToken cancellationToken)
        {
            ImmutableArray<string> kept = [.. tags];
            Change(runId, run => run with { Tags = kept });
            return Task.FromResult(kept);
        }

        public Task RateAsync(Guid runId, int? rating, CancellationToken cancellationToken) => Change(runId, run => run with { Rating = rating });

        public Task SetNotesAsync(Guid runId, string notes, CancellationToken cancellationToken) => Change(runId, run => run with { Notes = notes });

        public Task<bool> DeleteAsync(Guid runId, CancellationToken cancellationToken)
        {
            _deleted = Runs.Find(run => run.RunId == runId);
            return Task.FromResult(Runs.RemoveAll(run => run.RunId == runId) > 0);
        }

        public Task<bool> RestoreAsync(Guid runId, CancellationToken cancellationToken)
        {
            Runs.Add(_deleted!);
            return Task.FromResult(true);
        }

        private Task Change(Guid runId, Func<RunRecord, RunRecord> change)
        {
            var index = Runs.FindIndex(run => run.RunId == runId);
            Runs[index] = change(Runs[index]);
            return Task.CompletedTask;
        }
    }
}
