namespace MuseWorkbench.Agents.Conversation;

/// <summary>What an agent had said in its first turn when its run was cut off: it goes on behind it.</summary>
/// <param name="Model">The model that said it.</param>
/// <param name="Raw">As the model wrote it.</param>
/// <param name="Reasoning">What readers were shown of it, without markup.</param>
/// <param name="Answer">Likewise.</param>
/// <param name="Regions">Places they were shown.</param>
/// <param name="Tokens">Tokens generated for it.</param>
/// <param name="Calls">Calls made for it.</param>
internal sealed record AgentBeginning(string Model, string Raw, string Reasoning, string Answer, int Regions, int Tokens, int Calls);
