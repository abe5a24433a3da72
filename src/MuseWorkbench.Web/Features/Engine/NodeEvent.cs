using System.Text.Json;

namespace MuseWorkbench.Web.Features.Engine;

/// <summary>A line of the node's standard output.</summary>
internal sealed record NodeEvent(string Event, string? Url = null, double? Progress = null, string? Reason = null)
{
    /// <summary>The event, or null where the line is none (a library that prints).</summary>
    public static NodeEvent? TryParse(string line)
    {
        if (!line.StartsWith('{'))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<NodeEvent>(line, JsonSerializerOptions.Web) is { Event: not null } read ? read : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
