using MuseWorkbench.Core;
using MuseWorkbench.Engine;

namespace MuseWorkbench.Bench;

internal static class EngineSettling
{
    /// <summary>A snapshot that counts all that was asked for: one taken after nothing runs any more.</summary>
    public static async Task<EngineSnapshot> SettleAsync(this IInferenceEngine engine, CancellationToken cancellationToken)
    {
        var asked = DateTimeOffset.UtcNow;
        await foreach (var snapshot in engine.WatchAsync(cancellationToken))
        {
            if (snapshot.At > asked && snapshot.Running + snapshot.Waiting == 0)
            {
                return snapshot;
            }
        }

        throw new InvalidOperationException("The engine has stopped.");
    }
}
