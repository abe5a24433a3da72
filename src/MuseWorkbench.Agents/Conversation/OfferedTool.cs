using System.Text.Json;
using Microsoft.Extensions.AI;
using MuseWorkbench.Agents.Tools;

namespace MuseWorkbench.Agents.Conversation;

/// <summary>A tool as it is offered to a model; what it calls is run here, never by the client.</summary>
internal sealed class OfferedTool(ToolDefinition definition) : AIFunctionDeclaration
{
    public override string Name => definition.Name;
    public override string Description => definition.Description;
    public override JsonElement JsonSchema { get; } = definition.Schema();
}
