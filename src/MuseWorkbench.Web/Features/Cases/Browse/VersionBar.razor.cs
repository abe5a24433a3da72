using Microsoft.AspNetCore.Components;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Cases.Browse;

/// <summary>A dataset's versions: which is shown, and what becomes of the draft.</summary>
public sealed partial class VersionBar
{
    private Modal? _publishing;
    private DatasetDiff? _diff;
    private string _note = "";
    private string? _problem;
    private bool _discarding;

    [Inject] public required ICaseStore Store { get; init; }
    [Parameter, EditorRequired] public required Dataset Dataset { get; set; }

    /// <summary>The version shown; null for the draft.</summary>
    [Parameter] public int? Version { get; set; }

    [Parameter] public EventCallback<int?> OnShow { get; set; }
    [Parameter] public EventCallback OnChanged { get; set; }

    /// <summary>What stands at the end.</summary>
    [Parameter] public RenderFragment? ChildContent { get; set; }

    private DatasetVersion? Last => Dataset.Versions is [.., var last] ? last : null;

    private async Task PublishAsync()
    {
        (_note, _problem, _diff) = ("", null, null);
        _publishing?.Show();
        if (Last is { } last)
            _diff = await Store.DiffAsync(Dataset.Id, last.Number, null);
    }

    private async Task ConfirmAsync()
    {
        try
        {
            _problem = await Store.PublishAsync(Dataset.Id, _note) is null ? "The draft holds no change any more." : null;
            if (_problem is null && _publishing is not null)
                await _publishing.CloseAsync();
        }
        catch (Exception e) when (CaseFault.Explain(e) is { } reason)
        {
            _problem = reason;
        }
        await OnChanged.InvokeAsync();
    }

    private async Task DiscardAsync()
    {
        _discarding = false;
        try
        {
            await Store.DiscardDraftAsync(Dataset.Id);
        }
        catch (Exception e) when (CaseFault.Explain(e) is { } reason)
        {
            _problem = reason;
        }
        await OnChanged.InvokeAsync();
    }
}
