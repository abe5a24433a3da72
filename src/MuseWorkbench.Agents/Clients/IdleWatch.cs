namespace MuseWorkbench.Agents.Clients;

/// <summary>Cancels work when its server is silent for too long; each sign of life starts the wait anew.</summary>
internal sealed class IdleWatch : IDisposable
{
    private readonly TimeSpan _patience;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _silence;
    private readonly CancellationTokenSource _either;

    public IdleWatch(TimeSpan patience, TimeProvider time, CancellationToken caller)
    {
        _patience = patience;
        _caller = caller;
        _silence = new CancellationTokenSource(patience, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_silence.Token, caller);
    }

    public TimeSpan Patience => _patience;
    public CancellationToken Token => _either.Token;
    public bool CallerLeft => _caller.IsCancellationRequested;
    public bool Expired => _silence.IsCancellationRequested;
    public CancellationToken Caller => _caller;

    public void SignOfLife() => _silence.CancelAfter(_patience);

    public void Dispose()
    {
        _either.Dispose();
        _silence.Dispose();
    }
}
