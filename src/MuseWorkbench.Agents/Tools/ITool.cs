namespace MuseWorkbench.Agents.Tools;

/// <summary>Something a model can call. Thread-safe.</summary>
public interface ITool
{
    /// <summary>The name models call it by.</summary>
    string Name { get; }

    /// <summary>Runs a call; a call that can't be served is a result with <see cref="ToolResult.IsError"/>, told to the model.</summary>
    /// <param name="arguments">As the model wrote them; not necessarily JSON.</param>
    ValueTask<ToolResult> CallAsync(string arguments, CancellationToken cancellationToken);
}

/// <summary>What a tool gives back to the model.</summary>
public sealed record ToolResult(string Text, bool IsError = false)
{
    public static ToolResult Error(string message) => new(message, IsError: true);
}
