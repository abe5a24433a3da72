using MuseWorkbench.Core;

namespace MuseWorkbench.Bench.Strategies;

/// <summary>Has the node under test make its agents' views.</summary>
internal sealed class NodeViews(HttpClient http) : IImageRenderer
{
    public async Task<ReadOnlyMemory<byte>> RenderAsync(ReadOnlyMemory<byte> encoded, ViewFrame frame, CancellationToken cancellationToken)
    {
        using var response = await http.PostAsync($"/v1/images/view?{frame.ToQuery()}", new ReadOnlyMemoryContent(encoded), cancellationToken);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsByteArrayAsync(cancellationToken);
    }

    public Task<RgbColour> MeanColourAsync(ReadOnlyMemory<byte> encoded, ViewFrame frame, CancellationToken cancellationToken) =>
        throw new NotSupportedException("No agent here asks for colours.");
}
