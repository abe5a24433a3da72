using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Exchange;
using MuseWorkbench.Web.Features.Cases.Exchange;
using MuseWorkbench.Web.Tests.Kit;

namespace MuseWorkbench.Web.Tests.Cases;

/// <summary>Datasets as files over HTTP.</summary>
public sealed class CaseFileTests
{
    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Export_EveryFormat_IsADownloadThatCanBeRead()
    {
        await using var workbench = await TestWorkbench.StartAsync();
        var store = workbench.App.Services.GetRequiredService<ICaseStore>();
        var (dataset, _) = await store.CreateAsync("Eggs & more", new CaseBatch([new Case { Id = "a", Prompt = "How many?", Expected = "3" }]), Test);
        await store.PublishAsync(dataset.Id, "", Test);
        foreach (var format in CaseFormats.All)
        {
            using var response = await workbench.Owner.GetAsync($"/api/cases/{dataset.Id}/export/{format.Id}?v=1", Test);
            var bytes = await response.Content.ReadAsByteArrayAsync(Test);

            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal($"eggs-more.v1.{format.Id}{format.Extension}", response.Content.Headers.ContentDisposition!.FileName);
            Assert.NotEmpty(bytes);
        }

        Assert.Empty(Directory.EnumerateFiles(Path.Combine(workbench.Data, "uploads")));
    }

    [Theory]
    [InlineData("muse-bundle?v=2")]
    [InlineData("nothing")]
    public async Task Export_Unknown_Is404WithAReason(string what)
    {
        await using var workbench = await TestWorkbench.StartAsync();
        var (dataset, _) = await workbench.App.Services.GetRequiredService<ICaseStore>().CreateAsync("E", new CaseBatch([]), Test);
        using var response = await workbench.Owner.GetAsync($"/api/cases/{dataset.Id}/export/{what}", Test);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("There is no such", await response.Content.ReadAsStringAsync(Test), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Upload_File_LiesOnDiskUntilForgotten()
    {
        await using var workbench = await TestWorkbench.StartAsync();
        var uploads = workbench.App.Services.GetRequiredService<ImportUploads>();
        using var response = await workbench.Owner.PostAsync("/api/cases/uploads?name=..%2Fa.jsonl", new ByteArrayContent(Encoding.UTF8.GetBytes("{\"vars\":{}}")), Test);
        var said = await response.Content.ReadFromJsonAsync<JsonElement>(Test);
        var upload = uploads.Find(said.GetProperty("id").GetGuid())!;

        Assert.Equal((HttpStatusCode.Created, "a.jsonl", 11L), (response.StatusCode, upload.Name, upload.Bytes));
        Assert.True(File.Exists(upload.Path));
        uploads.Forget(upload.Id);
        Assert.False(File.Exists(upload.Path));
    }

    [Fact]
    public async Task Upload_Empty_IsRefusedAndLeavesNothing()
    {
        await using var workbench = await TestWorkbench.StartAsync();
        using var response = await workbench.Owner.PostAsync("/api/cases/uploads?name=a.zip", new ByteArrayContent([]), Test);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(workbench.Data, "uploads")));
    }
}
