namespace MuseWorkbench.Curation.Experiments;

/// <summary>How experiments are run. Configuration section <c>Experiments</c>.</summary>
public sealed class ExperimentOptions
{
    /// <summary>Runs at once, 1 to <see cref="MostParallel"/>. What people ask goes first on the engine all the same.</summary>
    public int Parallel { get; set; } = 2;

    /// <summary>An experiment pauses after so many errors in a row: an engine that is gone would turn every cell into one. 0 never does.</summary>
    public int PauseAfterErrors { get; set; } = 10;

    public const int MostParallel = 32;
}
