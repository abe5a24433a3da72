using Microsoft.Extensions.Logging.Abstractions;
using MuseWorkbench.Agents.Conversation;
using MuseWorkbench.Agents.Parsing;
using MuseWorkbench.Agents.Tools;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tests.Kit;

/// <summary>Calls a tool as an agent does: by text, checked and limited.</summary>
internal static class ToolBench
{
    public static Task<ToolResult> CallAsync(ITool tool, string arguments, ToolContext? context = null, TimeProvider? time = null) =>
        new ToolBox([tool], time ?? TimeProvider.System, NullLogger<ToolBox>.Instance).CallAsync(
            new ToolCallSegment(tool.Definition.Name, arguments), [tool.Definition.Name], context ?? ToolContext.Empty, TestContext.Current.CancellationToken);

    /// <summary>One image under a view, of a model that pads nothing.</summary>
    public static ToolContext Seeing(ViewSpec? view, int width, int height, int pictures = 4)
    {
        var frame = ViewFrame.Of(view, width, height);
        return new ToolContext
        {
            Images = [new ToolImage(new ImageRef(new string('a', 64), "image/png", width, height, "scene.png"), new byte[] { 1 }, frame, frame.ToImage)],
            TakePicture = () => Interlocked.Decrement(ref pictures) >= 0,
        };
    }
}
