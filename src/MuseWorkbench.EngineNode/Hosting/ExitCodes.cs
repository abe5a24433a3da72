namespace MuseWorkbench.EngineNode.Hosting;

/// <summary>What the process ends with; the parent decides by it whether to start the node again.</summary>
internal static class ExitCodes
{
    /// <summary>Asked to stop, or the parent is gone.</summary>
    public const int Ok = 0;

    /// <summary>Could not start: options or files are wrong. Starting again won't help.</summary>
    public const int CannotStart = 3;

    /// <summary>The engine failed after it was ready. Starting again may help.</summary>
    public const int EngineFailed = 4;
}
