using MuseWorkbench.Engine;
using MuseWorkbench.EngineNode.Hosting;

namespace MuseWorkbench.EngineNode.Tests.Fakes;

/// <summary>Hands over an engine when told to.</summary>
internal sealed class FakeLoader : IEngineLoader
{
    public TaskCompletionSource<IInferenceEngine> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource<IProgress<double>> Started { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<IInferenceEngine> LoadAsync(IProgress<double> progress, CancellationToken cancellationToken)
    {
        Started.TrySetResult(progress);
        return Result.Task;
    }
}
