using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Runs;

/// <summary>Where a host keeps nothing: runs live in memory.</summary>
internal sealed class NoRunStore : IRunStore
{
    public RunStoreStatus Status { get; } = new(false);

    public event Action? StatusChanged
    {
        add { }
        remove { }
    }

    public void Notify(IUnsavedEvents run) => run.NotSaved();

    public Task AppendAsync(IReadOnlyList<RunEvent> events, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<IReadOnlyList<RunEvent>> ReadAsync(Guid runId, long afterSeq, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<RunEvent>>([]);

    public Task<bool> ContainsAsync(Guid runId, CancellationToken cancellationToken) => Task.FromResult(false);

    public Task<IReadOnlyList<Guid>> FindOpenAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<Guid>>([]);
}
