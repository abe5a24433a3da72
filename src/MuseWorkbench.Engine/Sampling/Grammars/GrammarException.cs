namespace MuseWorkbench.Engine.Sampling.Grammars;

/// <summary>A grammar can't be used as written; the message names the line where there is one.</summary>
public sealed class GrammarException(string message) : Exception(message)
{
    internal GrammarException(int line, string message) : this($"Line {line}: {message}")
    {
    }
}
