using Microsoft.Extensions.Logging;
using MuseWorkbench.Agents.Parsing;
using MuseWorkbench.Agents.Tools;

namespace MuseWorkbench.Agents.Conversation;

/// <summary>The tools agents may call. A call never throws but for a stop: what goes wrong is told to the model.</summary>
internal sealed partial class ToolBox(IEnumerable<ITool> tools, ILogger<ToolBox> logger)
{
    private readonly Dictionary<string, ITool> _tools = tools.ToDictionary(t => t.Name, StringComparer.Ordinal);

    public async ValueTask<ToolResult> CallAsync(ToolCallSegment call, CancellationToken stop)
    {
        if (call.Error is not null)
            return ToolResult.Error(call.Error);
        if (!_tools.TryGetValue(call.Name, out var tool))
            return ToolResult.Error($"There is no tool named \"{Shorten(call.Name)}\". Known: {string.Join(", ", _tools.Keys)}.");
        try
        {
            return await tool.CallAsync(call.Arguments, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception failure)
        {
            LogToolFailed(failure, tool.Name);
            return ToolResult.Error($"The tool {tool.Name} failed.");
        }
    }

    private static string Shorten(string name) => name.Length <= 64 ? name : name[..64] + "…";

    [LoggerMessage(LogLevel.Error, "Tool {Tool} failed.")]
    private partial void LogToolFailed(Exception failure, string tool);
}
