namespace MuseWorkbench.Engine.Runtimes;

/// <summary>A runtime could not be loaded; the message says why and what to do.</summary>
public sealed class RuntimeLoadException(string message, Exception? inner = null) : Exception(message, inner);
