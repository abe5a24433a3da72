using System.Diagnostics;

namespace MuseWorkbench.EngineNode.Hosting;

/// <summary>The process around the node, as far as the node touches it; tests put another in its place.</summary>
internal sealed class NodeProcess
{
    /// <summary>How long a process may take to end before it is killed: native code may hang in its exit handlers.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <summary>Standard output: events for the parent, one JSON object a line.</summary>
    public required TextWriter Events { get; init; }

    /// <summary>Standard input; its end means that the parent is gone.</summary>
    public required Func<Stream> OpenInput { get; init; }

    /// <summary>Ends the process now, whatever its threads do.</summary>
    public required Action<int> Exit { get; init; }

    /// <summary>The process this code runs in.</summary>
    public static NodeProcess Current { get; } = new()
    {
        Events = Console.Out,
        OpenInput = Console.OpenStandardInput,
        Exit = ExitOrDie,
    };

    private static void ExitOrDie(int code)
    {
        var watchdog = new Thread(() =>
        {
            Thread.Sleep(s_patience);
            Process.GetCurrentProcess().Kill();
        })
        { IsBackground = true, Name = "exit watchdog" };
        watchdog.Start();
        Environment.Exit(code);
    }
}
