using System.Collections.Frozen;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using MuseWorkbench.Agents.Parsing;
using MuseWorkbench.Agents.Tools;

namespace MuseWorkbench.Agents.Conversation;

/// <summary>
/// The tools there are. A call never throws but for a stop: what goes wrong is told to the model. What a caller may call is
/// the caller's to say and never read from a text: nothing a model or a tool writes can widen it.
/// </summary>
internal sealed partial class ToolBox(IEnumerable<ITool> tools, TimeProvider time, ILogger<ToolBox> logger)
{
    private readonly FrozenDictionary<string, ITool> _tools = tools.ToFrozenDictionary(tool => tool.Definition.Name, StringComparer.Ordinal);

    /// <summary>The tool of a name; null where there is none.</summary>
    public ITool? Find(string name) => _tools.GetValueOrDefault(name);

    /// <summary>Runs a call.</summary>
    /// <param name="call">As the model wrote it.</param>
    /// <param name="allowed">The tools the caller may call.</param>
    /// <param name="context">What the tool may know of the caller.</param>
    /// <param name="stop">Stops the caller.</param>
    public async Task<ToolResult> CallAsync(ToolCallSegment call, ImmutableArray<string> allowed, ToolContext context, CancellationToken stop)
    {
        if (call.Error is not null)
            return ToolResult.Error(call.Error);
        if (!allowed.Contains(call.Name, StringComparer.Ordinal))
            return ToolResult.Error(Refusal(call.Name, allowed));
        if (Find(call.Name) is not { } tool)
            return ToolResult.Error($"There is no tool named \"{Shorten(call.Name)}\".");
        var (arguments, error) = ToolArguments.Read(tool.Definition, call.Arguments);
        if (arguments is null)
            return ToolResult.Error(error!);
        using var limited = new CancellationTokenSource(ToolLimits.Time, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limited.Token, stop);
        try
        {
            // Waited for with the same limit, so that a tool that ignores it holds nobody up.
            return Bounded(await tool.CallAsync(arguments, context, either.Token).AsTask().WaitAsync(either.Token));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException) when (limited.IsCancellationRequested)
        {
            return ToolResult.Error($"The tool {tool.Definition.Name} took longer than {ToolLimits.Time.TotalSeconds:0} s.");
        }
        catch (Exception failure)
        {
            LogToolFailed(failure, tool.Definition.Name);
            return ToolResult.Error($"The tool {tool.Definition.Name} failed.");
        }
    }

    private string Refusal(string name, ImmutableArray<string> allowed)
    {
        var may = allowed.IsEmpty ? "You may call no tools." : $"You may call: {string.Join(", ", allowed)}.";
        return Find(name) is null ? $"There is no tool named \"{Shorten(name)}\". {may}" : $"The tool {name} is not allowed here. {may}";
    }

    private static ToolResult Bounded(ToolResult result) => result.Text.Length <= ToolLimits.ResultLength
        ? result
        : result with { Text = $"{result.Text[..ToolLimits.ResultLength]}… (cut: the result is {result.Text.Length} characters long)" };

    private static string Shorten(string name) => name.Length <= 64 ? name : name[..64] + "…";

    [LoggerMessage(LogLevel.Error, "Tool {Tool} failed.")]
    private partial void LogToolFailed(Exception failure, string tool);
}
