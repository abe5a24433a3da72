using Microsoft.AspNetCore.Components;

namespace MuseWorkbench.Web.Features.Pool;

/// <summary>Takes in what is to be known of a server, asks it, and adds it; what is wrong is said here.</summary>
public sealed partial class MemberForm
{
    private readonly MemberOptions _draft = new();
    private string? _fault;
    private bool _busy;

    [Inject] internal PoolMembers Members { get; init; } = null!;

    [Parameter] public EventCallback OnAdded { get; set; }

    private async Task AddAsync()
    {
        if (_busy)
        {
            return;
        }

        (_busy, _fault) = (true, null);
        try
        {
            _draft.Name = _draft.Name.Trim();
            _draft.Url = _draft.Url.Trim();
            _fault = await PoolMembers.AskAsync(_draft, CancellationToken.None) ?? await Members.AddAsync(_draft, CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _fault = $"It could not be kept: {e.Message}";
        }
        finally
        {
            _busy = false;
        }

        if (_fault is null)
        {
            await OnAdded.InvokeAsync();
        }
    }
}
