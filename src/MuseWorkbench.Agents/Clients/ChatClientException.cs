namespace MuseWorkbench.Agents.Clients;

/// <summary>How a request to a model's server failed.</summary>
public enum ChatFailure
{
    /// <summary>No connection could be made.</summary>
    Unreachable,

    /// <summary>The server refused the request.</summary>
    Rejected,

    /// <summary>The connection was lost, or went silent, while the reply was arriving.</summary>
    Interrupted,

    /// <summary>The reply is not what the protocol allows.</summary>
    Protocol,
}

/// <summary>A request to a model's server failed; the message is a sentence for the user.</summary>
public sealed class ChatClientException(ChatFailure kind, string message, Exception? inner = null) : Exception(message, inner)
{
    public ChatFailure Kind { get; } = kind;
}
