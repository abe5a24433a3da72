namespace MuseWorkbench.Web.Features.Engine;

/// <summary>Starts node processes.</summary>
internal interface INodeLauncher
{
    /// <param name="key">The bearer key the node is to ask for.</param>
    /// <exception cref="NodeUnavailableException">It can't be started; trying again won't help.</exception>
    INodeChild Start(string key);

    /// <summary>Whether the settings would now start something else than what was last started.</summary>
    bool IsOutdated { get; }
}

/// <summary>A node process that was started.</summary>
internal interface INodeChild : IAsyncDisposable
{
    int ProcessId { get; }

    /// <summary>Its events, one JSON object a line.</summary>
    TextReader Output { get; }

    /// <summary>Its log.</summary>
    TextReader Errors { get; }

    /// <summary>Completes with the exit code; 128 + n where signal n ended it.</summary>
    Task<int> Exited { get; }

    /// <summary>Asks it to end, and ends it where it takes too long.</summary>
    Task StopAsync();
}
