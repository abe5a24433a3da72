using System.Text.Json;

namespace MuseWorkbench.EngineNode.Hosting;

/// <summary>Tells the parent where the node stands: one JSON object a line. Thread-safe.</summary>
internal sealed class NodeEvents(TextWriter output)
{
    private readonly Lock _gate = new();

    public void Listening(string url) => Write(new { @event = "listening", url });

    /// <param name="progress">0 to 1.</param>
    public void Loading(double progress) => Write(new { @event = "loading", progress = Math.Round(progress, 3) });

    public void Ready() => Write(new { @event = "ready" });

    public void Failed(string reason) => Write(new { @event = "failed", reason });

    private void Write(object line)
    {
        var text = JsonSerializer.Serialize(line, ApiJson.Options);
        lock (_gate)
        {
            try
            {
                output.WriteLine(text);
                output.Flush();
            }
            catch (IOException)
            {
                // Nobody reads any more; the node goes on or ends for its own reasons.
            }
        }
    }
}
