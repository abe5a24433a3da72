using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace MuseWorkbench.Agents.Clients;

/// <summary>
/// A chat client over any OpenAI-compatible <c>/v1/chat/completions</c>, streamed. Prompt progress and timings ride on
/// updates (<see cref="PromptProgress.Of"/>, <see cref="ChatTimings.Of"/>). Thread-safe. Every failure but a cancelled
/// request is a <see cref="ChatClientException"/>.
/// </summary>
/// <param name="http">Stays the caller's; its timeout should be infinite, since queued requests may wait long.</param>
/// <param name="options">The server and the model.</param>
/// <param name="time">The clock of the idle timeout.</param>
public sealed class OpenAIChatClient(HttpClient http, OpenAIChatClientOptions options, TimeProvider time) : IChatClient
{
    private readonly Uri _address = AddressOf(options.Endpoint);
    private readonly ChatFailures _failures = new(options.ServerName);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var idle = new IdleWatch(Settings.IdleTimeout, time, cancellationToken);
        using var response = await SendAsync([.. messages], options, idle);
        using var lines = new EventLineReader(await _failures.GuardAsync(idle, response.Content.ReadAsStreamAsync), Settings.MaxLineBytes);
        var chunks = new ChatChunkReader(_failures);
        while (await _failures.GuardAsync(idle, lines.NextDataAsync) is { } data && data != "[DONE]")
        {
            if (chunks.Read(data) is { } update)
                yield return update;
        }
        if (!chunks.IsFinished)
            throw _failures.Interrupted();
    }

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null)
            return null;
        if (serviceType == typeof(ChatClientMetadata))
            return new ChatClientMetadata("openai-compatible", Settings.Endpoint, Settings.Model);
        return serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <summary>Nothing to free: the HTTP client is the caller's.</summary>
    public void Dispose() { }

    private OpenAIChatClientOptions Settings => options;

    private async Task<HttpResponseMessage> SendAsync(IReadOnlyList<ChatMessage> messages, ChatOptions? chat, IdleWatch idle)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _address);
        request.Content = new ChatRequestContent(messages, chat, Settings);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        // By hand: HttpClient would name an activity of its own as parent, which nobody exports.
        DistributedContextPropagator.Current.Inject(
            Activity.Current, request, static (carrier, name, value) => ((HttpRequestMessage)carrier!).Headers.TryAddWithoutValidation(name, value));
        if (Settings.ApiKey is { } key)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        var response = await _failures.GuardAsync(
            idle, stop => http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop));
        try
        {
            if (response.StatusCode != HttpStatusCode.OK)
                throw await _failures.OfResponseAsync(response, idle);
            if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
                throw _failures.Protocol("it did not stream its reply");
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private static Uri AddressOf(Uri endpoint)
    {
        var root = endpoint.AbsoluteUri.TrimEnd('/');
        return new Uri(root.EndsWith("/v1", StringComparison.Ordinal) ? $"{root}/chat/completions" : $"{root}/v1/chat/completions");
    }
}
