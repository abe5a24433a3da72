using MuseWorkbench.Engine;
using MuseWorkbench.Engine.Runtimes.Machine;

namespace MuseWorkbench.EngineNode.Hosting;

/// <summary>Loads the model the options name.</summary>
internal sealed class ModelEngineLoader(IConfiguration configuration, ILoggerFactory loggers) : IEngineLoader
{
    public async Task<IInferenceEngine> LoadAsync(IProgress<double> progress, CancellationToken cancellationToken)
    {
        var options = EngineConfiguration.Read(configuration);
        try
        {
            var engine = await EngineFactory.LoadAsync(options, loggers, new Share(progress), cancellationToken);
            if (options.GpuLayers != 0 && MachineReport.Take(options.NativeDirectory).Unused is { } unused)
            {
                loggers.CreateLogger<ModelEngineLoader>().DevicesUnused(unused);
            }

            return engine;
        }
        catch (EngineLoadException error)
        {
            throw new NodeStartException(error.Message, error);
        }
    }

    /// <summary>Reports at once and in order, which <see cref="Progress{T}"/> does not.</summary>
    private sealed class Share(IProgress<double> progress) : IProgress<float>
    {
        public void Report(float value) => progress.Report(value);
    }
}
