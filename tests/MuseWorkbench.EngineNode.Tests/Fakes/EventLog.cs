using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace MuseWorkbench.EngineNode.Tests.Fakes;

/// <summary>Standard output of a node under test, line by line.</summary>
internal sealed class EventLog : TextWriter
{
    private readonly Channel<JsonObject> _events = Channel.CreateUnbounded<JsonObject>();

    public override Encoding Encoding => Encoding.UTF8;

    public override void WriteLine(string? value) => _events.Writer.TryWrite(JsonNode.Parse(value!)!.AsObject());

    /// <summary>The next event of a kind, skipping others.</summary>
    public async Task<JsonObject> WaitAsync(string kind)
    {
        await foreach (var happened in _events.Reader.ReadAllAsync(Deadline.Token))
        {
            if ((string?)happened["event"] == kind)
            {
                return happened;
            }
        }

        throw new InvalidOperationException("unreachable");
    }
}
