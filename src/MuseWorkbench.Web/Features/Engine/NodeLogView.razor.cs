using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace MuseWorkbench.Web.Features.Engine;

/// <summary>What the engine node wrote, newest first, and the way to start it again.</summary>
public sealed partial class NodeLogView : MonitorComponent, IDisposable
{
    private static readonly (LogLevel Level, string Name)[] s_levels =
        [(LogLevel.Trace, "All"), (LogLevel.Information, "Info"), (LogLevel.Warning, "Warnings"), (LogLevel.Error, "Errors")];

    private ITimer? _timer;
    private LogLevel _least = LogLevel.Trace;
    private NodeLogLine? _newest;
    private bool _copied, _restarting;

    [Inject] public required TimeProvider Time { get; init; }
    [Inject] public required IJSRuntime Js { get; init; }

    private List<NodeLogLine> Lines { get; set; } = [];

    public void Dispose() => _timer?.Dispose();

    protected override void OnInitialized()
    {
        Read();
        _timer = Time.CreateTimer(_ => _ = InvokeAsync(OnTick), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    private static string? Class(LogLevel level) => level switch { >= LogLevel.Error => "bad", LogLevel.Warning => "warn", < LogLevel.Information => "faint", _ => null };

    private static string Short(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce", LogLevel.Debug => "dbug", LogLevel.Information => "info", LogLevel.Warning => "warn", LogLevel.Error => "fail", _ => "crit",
    };

    private void OnTick()
    {
        if (Monitor.Log is { Count: > 0 } log && !ReferenceEquals(log[^1], _newest))
        {
            Read();
            StateHasChanged();
        }
    }

    private void Choose(LogLevel least)
    {
        _least = least;
        Read();
    }

    private void Read()
    {
        var log = Monitor.Log;
        _newest = log.Count > 0 ? log[^1] : null;
        _copied = false;
        Lines = [.. log.Where(line => line.Level >= _least).Reverse()];
    }

    private async Task CopyAsync()
    {
        var text = string.Join('\n', Lines.AsEnumerable().Reverse().Select(line => string.Create(CultureInfo.InvariantCulture, $"{line.At:O} {Short(line.Level)} {line.Text}")));
        try
        {
            await Js.InvokeVoidAsync("navigator.clipboard.writeText", text);
            _copied = true;
        }
        catch (JSException)
        {
            // The browser refused its clipboard; the lines can still be selected by hand.
        }
    }

    private async Task RestartAsync()
    {
        _restarting = true;
        try
        {
            await Monitor.RestartAsync();
        }
        finally
        {
            _restarting = false;
        }
    }
}
