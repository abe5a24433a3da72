using Microsoft.Extensions.AI;
using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Conversation;

/// <summary>What an agent is sent. What all agents share comes first, so that servers prefill it once: images, question, what the stage shares, then the role and the form of its answer.</summary>
internal static class AgentPrompt
{
    /// <summary>As the engine node takes it.</summary>
    private const int MaxName = 128;

    /// <param name="work">What is asked.</param>
    /// <param name="told">What the model is told of its tools in words; null for nothing.</param>
    public static List<ChatMessage> Build(AgentWork work, string? told)
    {
        var text = Text(work.Assignment);
        List<AIContent> contents = [.. work.Shown.Select(i => i.Content)];
        if (text.Length > 0)
            contents.Add(new TextContent(text));
        var question = new ChatMessage(ChatRole.User, contents);
        return told is null ? [question] : [new ChatMessage(ChatRole.System, told), question];
    }

    /// <summary>The words of the first message.</summary>
    public static string Text(AgentAssignment assignment) => Text(assignment.Task.Prompt, assignment.Spec, assignment.Task.Closing);

    /// <inheritdoc cref="Text(AgentAssignment)"/>
    public static string Text(string prompt, AgentSpec spec, string? closing)
    {
        string?[] parts = [prompt, spec.Role?.Trim(), spec.Answer is { } form ? AnswerForms.Instruction(form) : null, closing];
        return string.Join("\n\n", parts.Where(part => !string.IsNullOrWhiteSpace(part)));
    }

    /// <summary>A message as the run's events tell it.</summary>
    public static CallMessage Record(ChatMessage message) => new(
        message.Role.Value, string.Join('\n', message.Contents.Select(Words).OfType<string>()), message.Contents.Count(content => content is DataContent));

    private static string? Words(AIContent content) => content switch
    {
        TextContent text => text.Text,
        FunctionCallContent call => $"{call.Name} {CallArguments.Of(call)}",
        FunctionResultContent result => result.Result?.ToString(),
        _ => null,
    };

    /// <summary>What the engine's telemetry calls the agent; names may be long, and need not be there.</summary>
    private static string AgentName(string? name, int index) =>
        string.IsNullOrWhiteSpace(name) ? $"agent {index + 1}" : name.Length <= MaxName ? name : name[..MaxName];

    /// <param name="work">The agent's.</param>
    /// <param name="model">The model's id.</param>
    /// <param name="maxTokens">Tokens left of its budget.</param>
    /// <param name="continues">Whether the last message is the beginning of the reply.</param>
    /// <param name="answers">Whether its answer has begun: the rest of one can't be held to the form of a whole.</param>
    public static ChatOptions Options(AgentWork work, string model, int maxTokens, bool continues = false, bool answers = false)
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
            ResponseFormat = work.Spec.Answer is { } form && !answers ? AnswerForms.Format(form) : null,
            AdditionalProperties = new AdditionalPropertiesDictionary { ["min_p"] = sampling.MinP, ["run_id"] = work.Run.ToString(), ["agent"] = AgentName(work.Spec.Name, work.Index) },
        };
        if (work.Views.Request.Priority is { } priority and not 0)
            options.AdditionalProperties["priority"] = priority;
        if (work.Task.GroupTokens is { } group)
            (options.AdditionalProperties["confidence"], options.AdditionalProperties["confidence_window"]) = (true, group);
        if (continues)
            options.AdditionalProperties[ChatRequestContent.Continues] = true;
        return options;
    }
}
