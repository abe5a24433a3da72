using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Cases;
using MuseWorkbench.Curation.Exchange;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Cases.Exchange;

/// <summary>
/// Takes a file of cases in: sent by HTTP, its format recognised, everything checked, twins decided, then kept in one go. Closing it,
/// or the page, ends what is under way, and nothing is kept.
/// </summary>
public sealed partial class ImportDialog : IAsyncDisposable
{
    private readonly Dictionary<string, TwinChoice> _choices = new(StringComparer.Ordinal);
    private ElementReference _root;
    private Modal? _modal;
    private DotNetObjectReference<ImportDialog>? _self;
    private IJSObjectReference? _module, _sending;
    private IReadOnlyList<Dataset> _datasets = [];
    private ImportUpload? _upload;
    private ICaseFormat? _recognised;
    private ImportReport? _report;
    private ImportProgress _progress;
    private ImmutableArray<ImageTwin> _twins = [];
    private TaskCompletionSource? _decided;
    private CancellationTokenSource? _working;
    private Step _step;
    private string _format = "", _into = "", _name = "";
    private bool _disposed, _isAttached;

    private enum Step { Choosing, Ready, Working, Deciding, Done }

    [Inject] public required IJSRuntime Js { get; init; }
    [Inject] public required ICaseStore Store { get; init; }
    [Inject] public required CaseImporter Importer { get; init; }
    [Inject] internal ImportUploads Uploads { get; init; } = null!;

    /// <summary>Where the import goes unless another is chosen; null for a new dataset.</summary>
    [Parameter] public Guid? Into { get; set; }

    /// <summary>Cases were kept.</summary>
    [Parameter] public EventCallback OnImported { get; set; }

    private string Doing => _progress.Stage switch
    {
        ImportStage.Checking => "Checking…",
        ImportStage.KeepingImages => "Keeping images…",
        _ => "Saving…",
    };

    public async Task ShowAsync()
    {
        Restart();
        _datasets = await Store.ListAsync();
        _into = Into?.ToString() ?? "";
        _modal?.Show();
        StateHasChanged();
    }

    /// <summary>The file is here.</summary>
    [JSInvokable]
    public void Uploaded(Guid id)
    {
        if (Uploads.Find(id) is not { } upload)
            return;
        _upload = upload;
        _name = Path.GetFileNameWithoutExtension(upload.Name);
        try
        {
            using var opened = upload.Open();
            _recognised = CaseFormats.Recognise(opened.Files);
            (_format, _step) = (_recognised?.Id ?? "", Step.Ready);
        }
        catch (ImportRefusedException e)
        {
            (_report, _step) = (CaseImporter.Refused("", e.Message), Step.Done);
            Forget();
        }
        StateHasChanged();
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        Forget();
        if (_working is not null)
            await _working.CancelAsync();
        try
        {
            if (_sending is not null)
            {
                await _sending.InvokeVoidAsync("dispose");
                await _sending.DisposeAsync();
            }
            if (_module is not null)
                await _module.DisposeAsync();
        }
        catch (JSDisconnectedException)
        {
            // The page is gone, and what it was sending with it.
        }
        _self?.Dispose();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // Rendered again while its script is on the way, it must not listen twice: each file would be sent twice.
        if (_isAttached || _modal?.IsOpen != true || _step != Step.Choosing || _disposed)
            return;
        _isAttached = true;
        _module ??= await Js.InvokeAsync<IJSObjectReference>("import", "./Features/Cases/Exchange/ImportDialog.razor.js");
        _self ??= DotNetObjectReference.Create(this);
        _sending = await _module.InvokeAsync<IJSObjectReference>("attach", "import-cases", _self);
    }

    private void Restart()
    {
        Forget();
        (_step, _report, _recognised, _format, _twins) = (Step.Choosing, null, null, "", []);
        _choices.Clear();
    }

    private async Task ImportAsync()
    {
        if (_upload is not { } upload || CaseFormats.Find(_format) is not { } format)
            return;
        var target = Guid.TryParse(_into, CultureInfo.InvariantCulture, out var dataset) ? ImportTarget.Into(dataset) : ImportTarget.New(_name.Trim());
        (_step, _progress) = (Step.Working, default);
        using var working = _working = new CancellationTokenSource();
        try
        {
            // On the pool: files are read and images decoded for as long as that takes.
            _report = await Task.Run(
                async () =>
                {
                    using var opened = upload.Open();
                    return await Importer.ImportAsync(opened.Files, target, format, new Progress(this), DecideAsync, working.Token);
                },
                working.Token);
            _step = Step.Done;
        }
        catch (OperationCanceledException)
        {
            (_report, _step) = (null, Step.Ready);
            return;
        }
        catch (Exception e) when (e is ImportRefusedException || CaseFault.Explain(e) is not null)
        {
            (_report, _step) = (CaseImporter.Refused(format.Id, e is ImportRefusedException ? e.Message : CaseFault.Explain(e)!), Step.Done);
        }
        finally
        {
            _working = null;
        }
        Forget();
        if (_report.IsKept)
            await OnImported.InvokeAsync();
    }

    private async Task<IReadOnlyDictionary<string, TwinChoice>> DecideAsync(ImportReport report, CancellationToken cancellationToken)
    {
        _decided = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await InvokeAsync(() =>
        {
            (_twins, _step) = (report.Twins, Step.Deciding);
            StateHasChanged();
        });
        await _decided.Task.WaitAsync(cancellationToken);
        return _choices;
    }

    private void Decided()
    {
        _step = Step.Working;
        _decided?.TrySetResult();
    }

    private Task CloseAsync() => _modal?.CloseAsync() ?? Task.CompletedTask;

    private async Task LeaveAsync()
    {
        if (_working is not null)
            await _working.CancelAsync();
        if (_sending is not null)
        {
            await _sending.InvokeVoidAsync("dispose");
            await _sending.DisposeAsync();
            (_sending, _isAttached) = (null, false);
        }
        Forget();
    }

    private void Forget()
    {
        if (_upload is { } upload)
            Uploads.Forget(upload.Id);
        _upload = null;
    }

    private sealed class Progress(ImportDialog dialog) : IProgress<ImportProgress>
    {
        public void Report(ImportProgress value) => _ = dialog.InvokeAsync(() =>
        {
            dialog._progress = value;
            dialog.StateHasChanged();
        });
    }
}
