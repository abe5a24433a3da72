using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace MuseWorkbench.Agents.Tests.Kit;

/// <summary>One request as a scripted model sees it.</summary>
public sealed record ScriptedCall(IReadOnlyList<ChatMessage> Messages, ChatOptions Options, CancellationToken Stop)
{
    public long Seed => Options.Seed ?? -1;
    public string LastText => Messages[^1].Text;
}

/// <summary>A model that says what its script says.</summary>
public sealed class ScriptedChatClient(Func<ScriptedCall, IAsyncEnumerable<ChatResponseUpdate>> script) : IChatClient
{
    private readonly Lock _lock = new();
    private readonly List<ScriptedCall> _calls = [];

    public IReadOnlyList<ScriptedCall> Calls
    {
        get
        {
            lock (_lock)
                return [.. _calls];
        }
    }

    /// <summary>A model that says the same text, token by token, in every conversation.</summary>
    public static ScriptedChatClient Saying(string text) => new(_ => Tokens(text));

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var call = new ScriptedCall([.. messages], options ?? new ChatOptions(), cancellationToken);
        lock (_lock)
            _calls.Add(call);
        return script(call);
    }

    /// <summary>Text in pieces of <paramref name="size"/> characters, then a finish and the usage.</summary>
    public static async IAsyncEnumerable<ChatResponseUpdate> Tokens(
        string text, int size = 4, ChatFinishReason? finish = null, [EnumeratorCancellation] CancellationToken stop = default)
    {
        var pieces = 0;
        for (var at = 0; at < text.Length; at += size, pieces++)
        {
            await Task.Yield();
            stop.ThrowIfCancellationRequested();
            yield return Text(text.Substring(at, Math.Min(size, text.Length - at)));
        }
        yield return new ChatResponseUpdate { FinishReason = finish ?? ChatFinishReason.Stop };
        yield return Usage(prompt: 100, cached: 90, generated: pieces);
    }

    public static ChatResponseUpdate Text(string text) => new(ChatRole.Assistant, text);

    public static ChatResponseUpdate Usage(int prompt, int cached, int generated) => new(ChatRole.Assistant, [new UsageContent(new UsageDetails
    {
        InputTokenCount = prompt, CachedInputTokenCount = cached, OutputTokenCount = generated,
    })]);

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose() { }
}
