using MuseWorkbench.Engine;

namespace MuseWorkbench.EngineNode.Hosting;

/// <summary>Loads the model the options name.</summary>
internal sealed class ModelEngineLoader(IConfiguration configuration, ILoggerFactory loggers) : IEngineLoader
{
    public async Task<IInferenceEngine> LoadAsync(IProgress<double> progress, CancellationToken cancellationToken)
    {
        var options = EngineConfiguration.Read(configuration);
        try
        {
            return await EngineFactory.LoadAsync(options, loggers, new Share(progress), cancellationToken);
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
