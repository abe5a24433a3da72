namespace MuseWorkbench.Engine.Sampling.Grammars;

/// <summary>A JSON Schema asks for something that is not supported or can't be.</summary>
/// <param name="pointer">The JSON pointer of the schema at fault; empty is the root.</param>
/// <param name="reason">What is wrong there.</param>
public sealed class SchemaException(string pointer, string reason) : Exception($"At '{(pointer.Length == 0 ? "#" : "#" + pointer)}': {reason}")
{
    /// <summary>A JSON pointer.</summary>
    public string Pointer { get; } = pointer;

    /// <summary>What is wrong there.</summary>
    public string Reason { get; } = reason;
}
