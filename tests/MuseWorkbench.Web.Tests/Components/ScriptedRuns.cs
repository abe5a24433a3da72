using System.Runtime.CompilerServices;
using System.Threading.Channels;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Tests.Components;

/// <summary>One run whose events the test writes.</summary>
internal sealed class ScriptedRuns : IRunService
{
    public List<Guid> Forgotten { get; } = [];
    public Channel<RunEvent> Events { get; } = Channel.CreateUnbounded<RunEvent>();
    public TaskCompletionSource Drained { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<Guid> StartAsync(RunRequest request, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task StartAsync(RunRequest request, Guid runId, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public async IAsyncEnumerable<RunEvent> ReadAsync(Guid runId, long afterSeq, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var e in Events.Reader.ReadAllAsync(cancellationToken))
        {
            yield return e;
        }

        Drained.SetResult();
    }

    public Task<bool> ExistsAsync(Guid runId, CancellationToken cancellationToken = default) => Task.FromResult(true);

    public bool AnswerNow(Guid runId, int? agent = null) => throw new NotSupportedException();

    public Task<Guid> RerunAgentAsync(Guid runId, int agent, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task ResumeAsync(Guid runId, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public void Forget(Guid runId) => Forgotten.Add(runId);

    public bool Stop(Guid runId) => false;

    public bool StopAgent(Guid runId, int agent) => false;

    public IReadOnlyList<RunSummary> List() => [];
}
