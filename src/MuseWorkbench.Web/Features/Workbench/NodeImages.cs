using System.Net.Http.Json;
using System.Text.Json;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Engine;

namespace MuseWorkbench.Web.Features.Workbench;

/// <summary>Has the engine node look into images: hostile pixels meet native code there, not here.</summary>
internal sealed class NodeImages(NodeSupervisor node, TimeProvider time) : IImageRenderer
{
    private const string Failed = "The engine could not prepare the image.";
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    public async Task<ReadOnlyMemory<byte>> RenderAsync(ReadOnlyMemory<byte> encoded, ViewFrame frame, CancellationToken cancellationToken) =>
        await PostAsync("v1/images/view", encoded, frame, static (content, stop) => content.ReadAsByteArrayAsync(stop), cancellationToken);

    public Task<RgbColour> MeanColourAsync(ReadOnlyMemory<byte> encoded, ViewFrame frame, CancellationToken cancellationToken) =>
        PostAsync("v1/images/colour", encoded, frame, static (content, stop) => content.ReadFromJsonAsync<RgbColour>(MuseJson.Options, stop), cancellationToken);

    private async Task<T> PostAsync<T>(
        string path, ReadOnlyMemory<byte> encoded, ViewFrame frame, Func<HttpContent, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        try
        {
            var connection = await node.ConnectAsync(cancellationToken);
            using var limit = new CancellationTokenSource(s_limit, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            using var response = await connection.Http.PostAsync($"{path}?{frame.ToQuery()}", new ReadOnlyMemoryContent(encoded), either.Token);
            return response.IsSuccessStatusCode
                ? await read(response.Content, either.Token)
                : throw new ImageRenderException(await NodeError.ReadAsync(response, either.Token) ?? Failed);
        }
        catch (NodeUnavailableException e)
        {
            throw new ImageRenderException(e.Message, e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new ImageRenderException(Failed, e);
        }
    }
}
