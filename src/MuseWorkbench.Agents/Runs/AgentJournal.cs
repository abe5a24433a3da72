using System.Text;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Runs;

/// <summary>
/// What one agent writes into its run's log. Text arriving within <see cref="Interval"/> becomes one event, so that
/// many fast agents don't flood readers; any other event of the agent comes after the text said before it.
/// </summary>
internal sealed class AgentJournal : IDisposable
{
    /// <summary>Longest time text is kept back.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(30);

    private readonly RunLog _log;
    private readonly int _agent;
    private readonly Lock _lock = new();
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _raw = new();
    private readonly ITimer _timer;
    private TextChannel _channel;
    private int _tokens;

    public AgentJournal(RunLog log, int agent, TimeProvider time)
    {
        _log = log;
        _agent = agent;
        _timer = time.CreateTimer(_ => Flush(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>More text of a channel.</summary>
    /// <param name="channel">Which.</param>
    /// <param name="text">As it is read.</param>
    /// <param name="raw">As the model wrote it, with all markup since the text before.</param>
    /// <param name="tokens">The agent's count so far.</param>
    public void Say(TextChannel channel, string text, string raw, int tokens)
    {
        lock (_lock)
        {
            if (channel != _channel)
                FlushLocked();
            if (_text.Length == 0)
                _timer.Change(Interval, Timeout.InfiniteTimeSpan);
            _channel = channel;
            _text.Append(text);
            _raw.Append(raw);
            _tokens = tokens;
        }
    }

    /// <summary>An event of the agent that isn't text.</summary>
    public void Write(AgentEvent agentEvent)
    {
        // Appending inside the lock keeps the agent's events in the order they happened.
        lock (_lock)
        {
            FlushLocked();
            _log.Append(agentEvent);
        }
    }

    public void Dispose()
    {
        Flush();
        _timer.Dispose();
    }

    private void Flush()
    {
        lock (_lock)
            FlushLocked();
    }

    private void FlushLocked()
    {
        if (_text.Length == 0)
            return;
        var text = _text.ToString();
        var raw = _raw.Equals(text) ? null : _raw.ToString();
        _text.Clear();
        _raw.Clear();
        _log.Append(_channel == TextChannel.Reasoning
            ? new ReasoningDelta { Agent = _agent, Text = text, Raw = raw, Tokens = _tokens }
            : new AnswerDelta { Agent = _agent, Text = text, Raw = raw, Tokens = _tokens });
    }
}
