using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Exchange;
using MuseWorkbench.Data;
using MuseWorkbench.Web.Features.Cases.Exchange;
using MuseWorkbench.Web.Features.Workbench;
using MuseWorkbench.Web.Hosting;
using MuseWorkbench.Web.Tests.Components;
using MuseWorkbench.Web.Tests.Kit;

namespace MuseWorkbench.Web.Tests.Cases;

/// <summary>A renderer over a real database of cases, in a folder of its own.</summary>
public abstract class CaseBunit : WorkbenchBunit, IAsyncLifetime
{
    /// <summary>For work that leaves the renderer's thread; only a hang takes so long.</summary>
    protected static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly TempFolder _folder = new();

    protected CaseBunit()
    {
        Services.AddLogging();
        Services.AddMuseData(_ => _folder.Path);
        Services.AddSingleton<IImageLibrary, NoImages>();
        Services.AddSingleton(services => new CaseImporter(services.GetRequiredService<ICaseStore>(), null!));
        Services.AddSingleton(new ImportUploads(new Places(new ConfigurationManager { ["Data:Directory"] = _folder.Path }, new NoHost()), TimeProvider.System));
        Configure(Services);
    }

    internal static CancellationToken Test => TestContext.Current.CancellationToken;

    protected ICaseStore Store => Services.GetRequiredService<ICaseStore>();

    public async ValueTask InitializeAsync()
    {
        foreach (var hosted in Services.GetServices<IHostedService>())
            await hosted.StartAsync(Test);
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        foreach (var hosted in Services.GetServices<IHostedService>())
            await hosted.StopAsync(CancellationToken.None);
        await DisposeComponentsAsync();
        await base.DisposeAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    protected virtual void Configure(IServiceCollection services)
    {
    }

    protected static Case Named(string id, string prompt = "How many?") => new() { Id = id, Prompt = prompt };

    /// <summary>A dataset of cases c0, c1, c2 …</summary>
    protected async Task<Guid> MakeAsync(int cases, Func<Case, int, Case>? change = null)
    {
        var (dataset, _) = await Store.CreateAsync("Counts", new CaseBatch([.. Enumerable.Range(0, cases).Select(i => (change ?? ((c, _) => c))(Named($"c{i}", $"Question {i}"), i))]), Test);
        return dataset.Id;
    }

    private sealed class NoImages : IImageLibrary
    {
        public IReadOnlyList<SampleScene> Samples => [];

        public Task<ImageRef> AddAsync(Stream content, string name, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<ImageRef> AddAsync(ReadOnlyMemory<byte> encoded, string name, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ImageRef? Find(string sha256) => null;

        public ValueTask<ReadOnlyMemory<byte>?> ReadAsync(string sha256, CancellationToken cancellationToken) => new((ReadOnlyMemory<byte>?)null);
    }

    private sealed class NoHost : IWebHostEnvironment
    {
        public string ApplicationName { get; set; } = "";
        public string EnvironmentName { get; set; } = "";
        public string WebRootPath { get; set; } = "";
        public string ContentRootPath { get; set; } = "/";
        public IFileProvider WebRootFileProvider { get; set; } = new NullFileProvider();
        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
