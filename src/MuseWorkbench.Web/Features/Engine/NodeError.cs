using System.Text.Json;

namespace MuseWorkbench.Web.Features.Engine;

/// <summary>What a node says of a request it refused.</summary>
internal static class NodeError
{
    /// <summary>Its sentence for the user; null where there is none.</summary>
    public static async Task<string?> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            using var body = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
            return body.RootElement.GetProperty("error").GetProperty("message").GetString();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
