using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.AI;
using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Agents.Tools;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Conversation;

/// <summary>One agent's use of tools: what it is offered, and what it has left of its limits.</summary>
internal sealed class ToolSession(AgentWork work, AgentEndpoint endpoint, ToolBox box)
{
    private readonly ImmutableArray<string> _allowed = ToolNames.AllowedTo(work.Spec);
    private readonly ImmutableArray<TableFile> _tables = work.Views.Request.Tables is { IsDefault: false } tables ? tables : [];
    private int _calls;
    private int _pictures;
    private int _shown = work.Shown.Length;

    /// <summary>Whether it may call any: then a turn may be followed by another one.</summary>
    public bool CanCall => !_allowed.IsEmpty;

    /// <summary>The tools described to the model; none where it was trained to call them.</summary>
    public IList<AITool>? Offered => _allowed.IsEmpty || IsTrained
        ? null
        : [.. _allowed.Select(box.Find).OfType<ITool>().Select(tool => new OfferedTool(tool.DefinitionFor(_tables)))];

    /// <summary>What the model is told of tools in words, as it was trained to be; null for nothing.</summary>
    // The calculator alone it uses untold.
    public string? Told => IsTrained && _allowed.Any(name => name != ToolNames.Calculator)
        ? $"Tools: {string.Join(", ", endpoint.Markup.TrainedTools.Where(_allowed.Contains))}."
        : null;

    private bool IsTrained => !_allowed.IsEmpty && work.Spec.ToolUse != ToolUse.Required && _allowed.All(endpoint.Markup.TrainedTools.Contains);

    /// <summary>Runs a turn's calls side by side.</summary>
    /// <returns>What goes back to the model and the pictures in it, in the order of the calls, and whether none of them could be served.</returns>
    public async Task<(IReadOnlyList<ChatMessage> Messages, IReadOnlyList<ToolPicture> Pictures, bool AllFailed)> CallAsync(
        IReadOnlyList<PendingCall> calls, ImmutableArray<Region> regions, CancellationToken stop)
    {
        var context = Context(regions);
        var results = await Task.WhenAll(calls.Select((call, index) => CallAsync(call, index, context, stop)));
        List<ChatMessage> messages = [.. calls.Zip(results, Message)];
        // A tool's message may hold no picture with most servers; what a user shows may.
        var pictures = results.Select(result => result.Picture).OfType<ToolPicture>().ToArray();
        if (pictures.Length > 0)
        {
            messages.Add(new ChatMessage(ChatRole.User, [
                .. pictures.Select(picture => new DataContent(picture.Encoded, picture.Image.MediaType)),
                new TextContent(Introduce(pictures.Length)),
            ]));
            _shown += pictures.Length;
        }

        return (messages, pictures, results.All(result => result.IsError));
    }

    /// <summary>What stands beside pictures from tools. Where a place can say its picture by number, the numbers are told.</summary>
    private string Introduce(int pictures)
    {
        var (first, last) = (_shown + 1, _shown + pictures);
        var named = pictures == 1 ? "The picture from crop." : "The pictures from crop, in the order of the calls.";
        return endpoint.Markup.Grounding is { SaysPictureInJson: true }
            ? string.Create(CultureInfo.InvariantCulture, $"{named} {(pictures == 1 ? $"It is picture {first}" : $"They are pictures {first} to {last}")}: put \"image\": {first} beside a place in {(pictures == 1 ? "it" : "the first of them")}, \"image\": 1 beside one in the first image.")
            : named;
    }

    private async Task<ToolResult> CallAsync(PendingCall call, int index, ToolContext context, CancellationToken stop)
    {
        var result = index >= ToolLimits.CallsPerTurn ? ToolResult.Error($"At most {ToolLimits.CallsPerTurn} calls are served at a time; make this one again.")
            : Interlocked.Increment(ref _calls) > ToolLimits.CallsPerAgent ? ToolResult.Error($"You have made {ToolLimits.CallsPerAgent} calls, which is all there are. Answer now.")
            : await box.CallAsync(call.Call, _allowed, context, stop);
        work.Journal.Write(new ToolReturned
        {
            Agent = work.Index, CallId = call.Id, Result = result.Text, IsError = result.IsError, Image = result.Picture?.Image,
        });
        return result;
    }

    private static ChatMessage Message(PendingCall call, ToolResult result)
    {
        var text = result.IsError ? $"Error: {result.Text}" : result.Text;
        return call.Content is { } content
            ? new ChatMessage(ChatRole.Tool, [new FunctionResultContent(content.CallId, text)])
            : new ChatMessage(ChatRole.Tool, text);
    }

    private ToolContext Context(ImmutableArray<Region> regions) => new()
    {
        Images = [.. work.Shown.Select(shown => new ToolImage(
            shown.Image.Ref, shown.Image.Content.Data, shown.Frame,
            given => RegionMapper.ToImage(given, endpoint.Model.ImageFit, shown.Frame)))],
        Regions = regions,
        Tables = _tables,
        TakePicture = () => Interlocked.Increment(ref _pictures) <= ToolLimits.PicturesPerAgent,
    };
}
