using Microsoft.Extensions.Logging;

namespace MuseWorkbench.EngineNode.Hosting;

/// <summary>
/// Ends the process when its standard input ends: the parent holds the other end, and the system closes it however
/// the parent died. A thread of its own, so that a starved thread pool or a hung engine can't keep an orphan alive.
/// </summary>
internal static class ParentWatch
{
    public static void Start(NodeProcess process, ILogger logger)
    {
        var thread = new Thread(() =>
        {
            WaitForEnd(process.OpenInput);
            logger.ParentGone();
            process.Exit(ExitCodes.Ok);
        })
        { IsBackground = true, Name = "parent watch" };
        thread.Start();
    }

    private static void WaitForEnd(Func<Stream> open)
    {
        try
        {
            using var input = open();
            Span<byte> ignored = stackalloc byte[64];
            while (input.Read(ignored) > 0)
            {
                // Nothing is ever said here; only the end counts.
            }
        }
        catch (IOException)
        {
            // A broken pipe is an end, too.
        }
    }
}
