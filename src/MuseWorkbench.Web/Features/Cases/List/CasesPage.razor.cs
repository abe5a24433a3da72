using System.Globalization;
using Microsoft.AspNetCore.Components;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Cases.Exchange;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Cases.List;

/// <summary>All datasets: what they hold, made, renamed, deleted.</summary>
public sealed partial class CasesPage
{
    private IReadOnlyList<Dataset>? _datasets;
    private NewDatasetDialog? _new;
    private ImportDialog? _import;
    private ElementReference _nameField;
    private Guid? _renaming, _deleting;
    private string _name = "", _said = "";
    private string? _problem;
    private bool _focusName;

    [Inject] public required ICaseStore Store { get; init; }

    protected override Task OnInitializedAsync() => LoadAsync();

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_focusName)
        {
            _focusName = false;
            await _nameField.FocusAsync();
        }
    }

    /// <summary>A count with its word: <c>1 case</c>, <c>1,204 cases</c>.</summary>
    internal static string Say(int count, string word) => $"{Fmt.Count(count)} {word}{(count == 1 ? "" : "s")}";

    private static string VersionTip(DatasetVersion version) =>
        $"Version {version.Number}, {Say(version.Cases, "case")}, {version.CreatedAt.ToString("u", CultureInfo.InvariantCulture)}{(version.Note.Length > 0 ? $"\n{Text.Shorten(version.Note, 200)}" : "")}";

    private async Task LoadAsync() => _datasets = await Store.ListAsync();

    private void NewAsync() => _new?.Show();

    private Task ImportAsync() => _import?.ShowAsync() ?? Task.CompletedTask;

    private void BeginRename(Dataset dataset) => (_renaming, _name, _deleting, _focusName) = (dataset.Id, dataset.Name, null, true);

    private Task RenameAsync(Dataset dataset) => string.IsNullOrWhiteSpace(_name) ? Task.CompletedTask : TryAsync(async () =>
    {
        await Store.RenameAsync(dataset.Id, _name);
        _renaming = null;
        _said = "Renamed.";
    });

    private Task DeleteAsync(Dataset dataset) => TryAsync(async () =>
    {
        await Store.DeleteAsync(dataset.Id);
        _deleting = null;
        _said = "Deleted.";
    });

    private async Task TryAsync(Func<Task> change)
    {
        try
        {
            await change();
            await LoadAsync();
        }
        catch (Exception e) when (CaseFault.Explain(e) is { } reason)
        {
            _problem = reason;
        }
    }
}
