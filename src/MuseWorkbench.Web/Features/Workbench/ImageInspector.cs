using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Engine;

namespace MuseWorkbench.Web.Features.Workbench;

/// <summary>Looks deeper into an image than its header.</summary>
internal interface IImageInspector
{
    /// <returns>What it looks like (<see cref="DifferenceHash"/>); null where nothing could look.</returns>
    /// <exception cref="ImageRejectedException">It does not decode.</exception>
    Task<ulong?> InspectAsync(ReadOnlyMemory<byte> encoded, CancellationToken cancellationToken);
}

/// <summary>
/// Lets the engine node decode an image in full: hostile pixels meet native code there, not here. While no node is ready
/// the header has to do; a damaged image then fails when an agent is shown it.
/// </summary>
internal sealed class ImageInspector(NodeSupervisor node, ILogger<ImageInspector> logger) : IImageInspector
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(15);

    public async Task<ulong?> InspectAsync(ReadOnlyMemory<byte> encoded, CancellationToken cancellationToken)
    {
        if (node.Connection is not { } connection)
        {
            return null;
        }

        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(s_limit);
        try
        {
            using var response = await connection.Http.PostAsync("v1/images/inspect", new ReadOnlyMemoryContent(encoded), limited.Token);
            if (response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge)
            {
                throw new ImageRejectedException(await NodeError.ReadAsync(response, limited.Token) ?? "The image is damaged.");
            }

            return response.IsSuccessStatusCode ? Print(await response.Content.ReadFromJsonAsync<Inspection>(MuseJson.Options, limited.Token)) : null;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            logger.InspectionSkipped(e.Message); // the node went away or is overloaded: not the image's fault
            return null;
        }
    }

    private static ulong? Print(Inspection? said) =>
        ulong.TryParse(said?.DifferenceHash, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var print) ? print : null;

    private sealed record Inspection(string? DifferenceHash);
}
