namespace MuseWorkbench.Agents.Clients;

/// <summary>How a request to a model's server failed.</summary>
public enum ChatFailure
{
    /// <summary>No connection could be made.</summary>
    Unreachable,

    /// <summary>The server refused the request.</summary>
    Rejected,

    /// <summary>The server has too much to do.</summary>
    Overloaded,

    /// <summary>The server broke before it replied.</summary>
    Broken,

    /// <summary>The connection was lost, or went silent, while the reply was arriving.</summary>
    Interrupted,

    /// <summary>The reply is not what the protocol allows.</summary>
    Protocol,
}

/// <summary>A request to a model's server failed; the message is a sentence for the user.</summary>
public sealed class ChatClientException(ChatFailure kind, string message, Exception? inner = null) : Exception(message, inner)
{
    public ChatFailure Kind { get; } = kind;

    /// <summary>Whether it is the server's trouble, so that another one may well serve the same request.</summary>
    public bool IsServers => Kind != ChatFailure.Rejected;

    /// <summary>How long the server asked to be left alone; null where it didn't.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
