using Bunit;
using Microsoft.Extensions.DependencyInjection;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Cases.Promote;
using MuseWorkbench.Web.Features.Workbench.Compose;
using MuseWorkbench.Web.Features.Workbench.Panels;
using MuseWorkbench.Web.Tests.Components;

namespace MuseWorkbench.Web.Tests.Cases;

public sealed class PromoteDialogTests : CaseBunit
{
    private readonly ScriptedRuns _runs = new();

    [Fact]
    public async Task Run_KeptInANewDataset_IsThereWithItsAnswer()
    {
        var script = Record();
        var dialog = Render<PromoteDialog>();
        await dialog.InvokeAsync(() => dialog.Instance.ShowAsync(script.Id, null));
        dialog.Find("#keep-name").Input("From runs");
        dialog.Find("#keep-split").Input("test");
        dialog.Find("[aria-label='Add a tag']").Change("run");
        dialog.Find("form").Submit();

        var dataset = Assert.Single(await Store.ListAsync(Test));
        var kept = Assert.Single((await Store.QueryAsync(dataset.Id, new(), Test)).Cases);
        Assert.Equal(($"run-{script.Id:N}", "How many?", "3", "test"), (kept.Id, kept.Prompt, kept.Expected, kept.Split));
        Assert.Equal(["run"], kept.Tags);
        Assert.Contains($"cases/{dataset.Id}/case?id=run-", dialog.Find("[data-open-case]").GetAttribute("href"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Agent_KeptWithItsCorrectedAnswer_IsItsOwnCase()
    {
        var dataset = await MakeAsync(0);
        var script = Record();
        var dialog = Render<PromoteDialog>();
        await dialog.InvokeAsync(() => dialog.Instance.ShowAsync(script.Id, 1));
        Assert.Equal("4", dialog.Find("#keep-expected").GetAttribute("value"));
        dialog.Find("#keep-expected").Input("3");
        dialog.Find("form").Submit();

        var kept = (await Store.GetAsync(dataset, $"run-{script.Id:N}-agent-2", cancellationToken: Test))!;
        Assert.Equal(("3", 1), (kept.Expected, kept.Provenance!.Agent));
    }

    [Fact]
    public async Task Id_TooLong_IsSaidBesideIt()
    {
        await MakeAsync(0);
        var dialog = Render<PromoteDialog>();
        await dialog.InvokeAsync(() => dialog.Instance.ShowAsync(Record().Id, null));
        dialog.Find("#keep-id").Input(new string('x', 129));
        dialog.Find("form").Submit();

        Assert.Contains("129 characters", dialog.Find("[data-fault=id]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void FinalCard_RunOver_OffersToKeepIt()
    {
        var asked = 0;
        var script = new RunScript(1).Answer(0, "3");
        var card = Render<FinalCard>(p => p.Add(x => x.Run, script.View).Add(x => x.OnKeep, () => asked++));
        Assert.Empty(card.FindAll("[data-keep-case]"));
        script.Vote(0, ("3", [0])).Final(FinalOutcome.Single, "3", 1, ("3", [0])).Finish();
        card.Render();
        card.Find("[data-keep-case]").Click();

        Assert.Equal(1, asked);
    }

    [Fact]
    public void Composer_UsesACase_AsksItWhole()
    {
        var model = new ComposerModel();
        model.Use(new Case { Id = "a", Prompt = "Which?", Images = [RunScript.Image], Choices = ["egg", "roll"], Table = "food,kcal\negg,78" });

        var request = model.Build();
        Assert.Equal("Which?\nA. egg\nB. roll", request.Prompt);
        Assert.Equal([RunScript.Image], request.Images);
        Assert.Equal("food,kcal\negg,78", Assert.Single(request.Tables!.Value).Csv);
        Assert.Null(model.Notice);
    }

    protected override void Configure(IServiceCollection services) => services.AddSingleton<IRunService>(_ => _runs);

    private RunScript Record()
    {
        var script = new RunScript(2).Answer(0, "3").Answer(1, "4").Final(FinalOutcome.Judged, "3", 1, ("3", [0]), ("4", [1])).Finish();
        foreach (var e in script.Events)
            _runs.Events.Writer.TryWrite(e);
        _runs.Events.Writer.Complete();
        return script;
    }
}
