using System.Text.Json;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Sampling.Grammars;

namespace MuseWorkbench.EngineNode.Chat;

/// <summary>The tools of a request that may be called.</summary>
/// <param name="Definitions">As they were sent, for the chat template.</param>
/// <param name="Names">The functions that may be called.</param>
/// <param name="Format">How the model writes calls.</param>
/// <param name="Grammar">What calls look like.</param>
/// <param name="Required">Whether the answer must be a call; otherwise the grammar holds from the first call on.</param>
internal sealed record ToolSet(JsonElement Definitions, IReadOnlySet<string> Names, ToolCallFormat Format, Grammar Grammar, bool Required);
