using System.ComponentModel;
using System.Text.Json;
using MuseWorkbench.Web.Features.Engine;
using MuseWorkbench.Web.Hosting;

namespace MuseWorkbench.Web.Features.Pool.Elastic;

/// <summary>What another node would take of its device, and what is free there.</summary>
/// <param name="Device">The device's name.</param>
/// <param name="Needs">Bytes that must be free; null where the model's file doesn't tell.</param>
/// <param name="Free">Bytes that can be had.</param>
internal sealed record NodeFit(string Device, long? Needs, long Free);

/// <summary>Asks before a node is started.</summary>
internal interface INodeFitting
{
    /// <summary>Null where it can't be said: the node is started, and says itself what is wrong.</summary>
    Task<NodeFit?> AskAsync(CancellationToken cancellationToken);
}

/// <summary>Has the node's program say it (<c>fit</c>): devices and model files are looked at by native code, which stays out of this process.</summary>
internal sealed class NodeFitting(NodeCommand command) : INodeFitting
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    public async Task<NodeFit?> AskAsync(CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(s_limit);
        try
        {
            var start = command.Build("fit");
            var end = await Subprocess.RunAsync(start.FileName, start.Arguments, limited.Token);
            return end.ExitCode == 0 ? JsonSerializer.Deserialize<NodeFit>(end.Output, JsonSerializerOptions.Web) : null;
        }
        catch (Exception e) when (e is NodeUnavailableException or Win32Exception or IOException or JsonException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }
}
