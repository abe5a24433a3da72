using MuseWorkbench.Engine;

namespace MuseWorkbench.EngineNode.Hosting;

/// <summary>Loads the node's one engine. Called once, after HTTP is up, on a worker thread.</summary>
internal interface IEngineLoader
{
    /// <param name="progress">Share of the load done, 0 to 1.</param>
    /// <param name="cancellationToken">The node is stopping.</param>
    /// <exception cref="NodeStartException">The engine can't be started; the message says why in a sentence.</exception>
    Task<IInferenceEngine> LoadAsync(IProgress<double> progress, CancellationToken cancellationToken);
}

/// <summary>The node can't start: wrong options, a file missing or damaged. The message is one sentence for the person who runs it.</summary>
internal sealed class NodeStartException(string message, Exception? inner = null) : Exception(message, inner);
