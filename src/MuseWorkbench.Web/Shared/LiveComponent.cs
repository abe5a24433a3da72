using Microsoft.AspNetCore.Components;

namespace MuseWorkbench.Web.Shared;

/// <summary>
/// A component that renders only when what it shows has changed. A page can then render itself once per frame:
/// every unchanged leaf is skipped, and all that did change reaches the browser in one batch.
/// </summary>
public abstract class LiveComponent : ComponentBase
{
    private object? _shown;
    private bool _begun;

    /// <summary>What the markup depends on, as a value: equal stamps, equal markup.</summary>
    protected abstract object Stamp { get; }

    // The first render follows at once and does not ask ShouldRender.
    protected override void OnParametersSet()
    {
        if (!_begun)
        {
            (_begun, _shown) = (true, Stamp);
        }
    }

    protected override bool ShouldRender()
    {
        var stamp = Stamp;
        if (stamp.Equals(_shown))
        {
            return false;
        }

        _shown = stamp;
        return true;
    }
}
