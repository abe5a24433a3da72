using Microsoft.Extensions.AI;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Clients;

/// <summary>A request's times as its server measured them, milliseconds; rides on the update with the finish reason.</summary>
/// <param name="QueueMs">Waiting before the prompt was started.</param>
/// <param name="PromptMs">Computing the prompt.</param>
/// <param name="TimeToFirstTokenMs">From the request to the first token; null where the server doesn't say.</param>
/// <param name="GeneratedMs">From the first token to the last.</param>
/// <param name="TokensPerSecond">After the first token.</param>
/// <param name="CachedTokens">Prompt tokens that came from a shared prefix.</param>
/// <param name="PromptTokens">Prompt tokens computed.</param>
/// <param name="GeneratedTokens">Tokens generated.</param>
public sealed record ChatTimings(
    double QueueMs, double PromptMs, double? TimeToFirstTokenMs, double GeneratedMs, double TokensPerSecond,
    int CachedTokens, int PromptTokens, int GeneratedTokens)
{
    /// <summary>The timings an update carries, or null.</summary>
    public static ChatTimings? Of(ChatResponseUpdate update) => update.AdditionalProperties.Get<ChatTimings>();

    /// <summary>Puts the timings on an update.</summary>
    public void AddTo(ChatResponseUpdate update) => update.Set(this);
}

/// <summary>How far a request's prompt is, in tokens; <paramref name="Processed"/> includes <paramref name="Cached"/>.</summary>
public sealed record PromptProgress(int Total, int Cached, int Processed)
{
    /// <summary>The progress an update carries, or null.</summary>
    public static PromptProgress? Of(ChatResponseUpdate update) => update.AdditionalProperties.Get<PromptProgress>();

    /// <summary>Puts the progress on an update.</summary>
    public void AddTo(ChatResponseUpdate update) => update.Set(this);
}

/// <summary>A request's prompt as its server rendered it, a marker in each image's place.</summary>
public sealed record RenderedPrompt(string Text)
{
    /// <summary>The prompt an update carries, or null.</summary>
    public static RenderedPrompt? Of(ChatResponseUpdate update) => update.AdditionalProperties.Get<RenderedPrompt>();

    /// <summary>Puts the prompt on an update.</summary>
    public void AddTo(ChatResponseUpdate update) => update.Set(this);
}

/// <summary>How sure the model is, where its server says: of the latest group of tokens, and at the end of all of them.</summary>
public sealed record ChatConfidence(double? Group, AgentConfidence? Whole)
{
    /// <summary>The confidence an update carries, or null.</summary>
    public static ChatConfidence? Of(ChatResponseUpdate update) => update.AdditionalProperties.Get<ChatConfidence>();

    /// <summary>Puts the confidence on an update.</summary>
    public void AddTo(ChatResponseUpdate update) => update.Set(this);
}

/// <summary>Typed values in an update's additional properties, under their type's name.</summary>
internal static class UpdateProperties
{
    public static T? Get<T>(this AdditionalPropertiesDictionary? properties) where T : class =>
        properties is not null && properties.TryGetValue(typeof(T).Name, out var value) ? value as T : null;

    public static void Set<T>(this ChatResponseUpdate update, T value) where T : class =>
        (update.AdditionalProperties ??= [])[typeof(T).Name] = value;
}
