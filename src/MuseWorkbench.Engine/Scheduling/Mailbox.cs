namespace MuseWorkbench.Engine.Scheduling;

/// <summary>What others ask of the engine thread, in order. Any thread posts, the engine thread takes, until it is closed.</summary>
internal sealed class Mailbox
{
    private readonly Queue<Action> _actions = new();
    private bool _closed;

    /// <summary>False once closed: the action will not run.</summary>
    public bool Post(Action action)
    {
        lock (_actions)
        {
            if (_closed)
            {
                return false;
            }
            _actions.Enqueue(action);
            Monitor.Pulse(_actions);
            return true;
        }
    }

    /// <summary>The next action; null where there is none.</summary>
    public Action? Take()
    {
        lock (_actions)
        {
            return _actions.TryDequeue(out var action) ? action : null;
        }
    }

    /// <summary>Waits for an action. False where the time ran out.</summary>
    public bool Wait(TimeSpan time)
    {
        lock (_actions)
        {
            return _actions.Count > 0 || Monitor.Wait(_actions, time);
        }
    }

    /// <summary>Refuses what is posted from now on; what was posted before can still be taken.</summary>
    public void Close()
    {
        lock (_actions)
        {
            _closed = true;
        }
    }
}
