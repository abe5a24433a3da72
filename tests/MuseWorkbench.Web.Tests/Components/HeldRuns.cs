using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Tests.Components;

/// <summary>Runs that are there and do nothing.</summary>
internal sealed class HeldRuns(params RunSummary[] runs) : IRunService
{
    public Task<Guid> StartAsync(RunRequest request, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task StartAsync(RunRequest request, Guid runId, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public IAsyncEnumerable<RunEvent> ReadAsync(Guid runId, long afterSeq, CancellationToken cancellationToken) => throw new KeyNotFoundException();

    public Task<bool> ExistsAsync(Guid runId, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public bool AnswerNow(Guid runId, int? agent = null) => throw new NotSupportedException();

    public Task<Guid> RerunAgentAsync(Guid runId, int agent, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task ResumeAsync(Guid runId, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public void Forget(Guid runId) => throw new NotSupportedException();

    public bool Stop(Guid runId) => false;

    public bool StopAgent(Guid runId, int agent) => false;

    public IReadOnlyList<RunSummary> List() => runs;
}
