using MuseWorkbench.Engine;
using MuseWorkbench.EngineNode.Errors;

namespace MuseWorkbench.EngineNode.Hosting;

/// <summary>The engine once it is loaded, and how far the load is before. Thread-safe.</summary>
internal sealed class EngineSlot
{
    private volatile IInferenceEngine? _engine;
    private double _progress;

    public IInferenceEngine? Engine => _engine;

    /// <summary>Share of the load done, 0 to 1.</summary>
    public double Progress
    {
        get => Volatile.Read(ref _progress);
        set => Volatile.Write(ref _progress, value);
    }

    /// <summary>The engine, or an error that says it is loading.</summary>
    public IInferenceEngine Require() => _engine ?? throw new ApiException(ApiError.Loading);

    public void Set(IInferenceEngine? engine) => _engine = engine;
}
