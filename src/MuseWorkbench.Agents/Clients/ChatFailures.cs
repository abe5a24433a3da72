using System.Net;
using System.Text.Json;

namespace MuseWorkbench.Agents.Clients;

/// <summary>Turns what can go wrong on the wire into <see cref="ChatClientException"/>s with sentences for the user.</summary>
internal sealed class ChatFailures(string server)
{
    private const int MaxMessageLength = 500;
    private const int MaxErrorBytes = 64 * 1024;

    /// <summary>Runs one step of a request and names its failure.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    /// <exception cref="ChatClientException">Anything else.</exception>
    public async Task<T> GuardAsync<T>(IdleWatch idle, Func<CancellationToken, Task<T>> step)
    {
        try
        {
            var result = await step(idle.Token);
            idle.SignOfLife();
            return result;
        }
        catch (OperationCanceledException) when (idle.CallerLeft)
        {
            throw new OperationCanceledException(idle.Caller);
        }
        catch (OperationCanceledException silent)
        {
            var message = idle.Expired ? $"The {server} said nothing for {idle.Patience.TotalSeconds:0} seconds." : $"The {server} did not answer in time.";
            throw new ChatClientException(ChatFailure.Interrupted, message, silent);
        }
        catch (HttpRequestException failure)
        {
            throw failure.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
                or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError
                    ? new ChatClientException(ChatFailure.Unreachable, $"The {server} can't be reached.", failure)
                    : Interrupted(failure);
        }
        catch (LineTooLongException failure)
        {
            throw Protocol("it sent a line that is too long", failure);
        }
        catch (IOException failure)
        {
            throw Interrupted(failure);
        }
    }

    public ChatClientException Interrupted(Exception? cause = null) =>
        new(ChatFailure.Interrupted, $"The {server} stopped while this agent was working.", cause);

    public ChatClientException Protocol(string what, Exception? cause = null) =>
        new(ChatFailure.Protocol, $"The {server} can't be understood: {what}.", cause);

    /// <summary>An error the server sent in the middle of its reply.</summary>
    public ChatClientException MidStream(JsonElement error) =>
        new(ChatFailure.Interrupted, $"The {server} gave up: {Sentence(MessageOf(error))}");

    /// <summary>What an unsuccessful response means.</summary>
    public async Task<ChatClientException> OfResponseAsync(HttpResponseMessage response, IdleWatch idle)
    {
        var body = await GuardAsync(idle, stop => ReadStartAsync(response, stop));
        var message = MessageOfBody(body);
        return response.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
                new ChatClientException(ChatFailure.Rejected, $"The {server} did not accept the key."),
            HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout =>
                new ChatClientException(ChatFailure.Unreachable, $"The {server} is not ready: {Sentence(message ?? "it said nothing more")}"),
            HttpStatusCode.TooManyRequests =>
                new ChatClientException(ChatFailure.Overloaded, $"The {server} has too much to do: {Sentence(message ?? "it said nothing more")}") { RetryAfter = RetryAfterOf(response) },
            >= HttpStatusCode.InternalServerError =>
                new ChatClientException(ChatFailure.Broken, $"The {server} failed: {Sentence(message ?? $"HTTP status {(int)response.StatusCode}")}"),
            _ => new ChatClientException(
                ChatFailure.Rejected, $"The {server} refused the request: {Sentence(message ?? $"HTTP status {(int)response.StatusCode}")}"),
        };
    }

    private static TimeSpan? RetryAfterOf(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when response.Headers.Date is { } now => date - now,
        _ => null,
    };

    private static async Task<byte[]> ReadStartAsync(HttpResponseMessage response, CancellationToken stop)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(stop);
        var start = new byte[MaxErrorBytes];
        var length = await stream.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, stop);
        return start[..length];
    }

    private static string? MessageOfBody(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("error", out var error)
                ? MessageOf(error)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? MessageOf(JsonElement error) => error.ValueKind switch
    {
        JsonValueKind.String => error.GetString(),
        JsonValueKind.Object when error.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.String => message.GetString(),
        _ => null,
    };

    // Another program's text is shown to the user: one line, of bounded length, ended like a sentence.
    private static string Sentence(string? text)
    {
        var line = new string([.. (text ?? "").Select(c => char.IsControl(c) ? ' ' : c)]).Trim();
        if (line.Length == 0)
            return "it did not say why.";
        if (line.Length > MaxMessageLength)
            return line[..MaxMessageLength] + "…";
        return line[^1] is '.' or '!' or '?' ? line : line + ".";
    }
}
