using System.Net;
using MuseWorkbench.EngineNode.Hosting;

namespace MuseWorkbench.EngineNode.Security;

/// <summary>Where the node listens, and so who may reach it.</summary>
/// <param name="Urls">As given.</param>
/// <param name="LoopbackOnly">Only this machine reaches it.</param>
internal sealed record BindAddresses(string Urls, bool LoopbackOnly)
{
    public const string Default = "http://127.0.0.1:8189";

    /// <exception cref="NodeStartException">Not URLs, or open to other machines without a key.</exception>
    public static BindAddresses Parse(string? urls, ApiKey key)
    {
        urls = string.IsNullOrWhiteSpace(urls) ? Default : urls;
        var loopback = true;
        foreach (var url in urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            BindingAddress address;
            try
            {
                address = BindingAddress.Parse(url);
            }
            catch (FormatException error)
            {
                throw new NodeStartException($"'{url}' is not a URL to listen on.", error);
            }

            loopback &= address.IsUnixPipe || IsLoopback(address.Host);
        }

        return loopback || key.IsSet
            ? new BindAddresses(urls, loopback)
            : throw new NodeStartException($"Listening on {urls} would open the node to other machines without a key; set MUSE_NODE_KEY or listen on 127.0.0.1.");
    }

    /// <summary>Whether a host, as written in a URL or a Host header (without port), names this machine's loopback.</summary>
    public static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
