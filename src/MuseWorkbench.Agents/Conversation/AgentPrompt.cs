using Microsoft.Extensions.AI;

namespace MuseWorkbench.Agents.Conversation;

/// <summary>What an agent is sent. What all agents share comes first, so that servers prefill it once: images, question, what the stage shares, then the role.</summary>
internal static class AgentPrompt
{
    /// <summary>As the engine node takes it.</summary>
    private const int MaxName = 128;

    /// <param name="work">What is asked.</param>
    /// <param name="told">What the model is told of its tools in words; null for nothing.</param>
    public static List<ChatMessage> Build(AgentWork work, string? told)
    {
        string?[] parts = [work.Task.Prompt, work.Spec.Role?.Trim(), work.Task.Closing];
        var text = string.Join("\n\n", parts.Where(part => !string.IsNullOrWhiteSpace(part)));
        List<AIContent> contents = [.. work.Shown.Select(i => i.Content)];
        if (text.Length > 0)
            contents.Add(new TextContent(text));
        var question = new ChatMessage(ChatRole.User, contents);
        return told is null ? [question] : [new ChatMessage(ChatRole.System, told), question];
    }

    /// <summary>What the engine's telemetry calls the agent; names may be long, and need not be there.</summary>
    private static string AgentName(string? name, int index) =>
        string.IsNullOrWhiteSpace(name) ? $"agent {index + 1}" : name.Length <= MaxName ? name : name[..MaxName];

    public static ChatOptions Options(AgentWork work, string model, int maxTokens)
    {
        var sampling = work.Spec.Sampling;
        // Sent even where off: servers' own defaults differ (llama-server's are top-p 0.95, top-k 40, min-p 0.05).
        var options = new ChatOptions
        {
            ModelId = model,
            Temperature = (float)sampling.Temperature,
            TopP = (float)sampling.TopP,
            TopK = sampling.TopK,
            Seed = work.Seed,
            MaxOutputTokens = maxTokens,
            AdditionalProperties = new AdditionalPropertiesDictionary { ["min_p"] = sampling.MinP, ["run_id"] = work.Run.ToString(), ["agent"] = AgentName(work.Spec.Name, work.Index) },
        };
        if (work.Task.GroupTokens is { } group)
            (options.AdditionalProperties["confidence"], options.AdditionalProperties["confidence_window"]) = (true, group);
        return options;
    }
}
