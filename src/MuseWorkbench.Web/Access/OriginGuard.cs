using System.Net;
using Microsoft.Extensions.Options;

namespace MuseWorkbench.Web.Access;

/// <summary>
/// Refuses requests that another site could have brought about. The Host must be a loopback name, the very address the
/// connection came in on, or an allowed name: a foreign name made to resolve to this machine is none of them.
/// An Origin, where sent, must be that host: browsers send it with every WebSocket and every unsafe verb.
/// </summary>
internal sealed class OriginGuard(IOptions<AccessOptions> options, RequestDelegate next)
{
    private readonly HashSet<string> _allowed = new([.. options.Value.AllowedHosts, "localhost", "127.0.0.1", "[::1]"], StringComparer.OrdinalIgnoreCase);

    public Task InvokeAsync(HttpContext context)
    {
        var host = context.Request.Host;
        if (!_allowed.Contains(host.Host) && !IsLocalAddress(host.Host, context.Connection.LocalIpAddress))
        {
            return ApiError.WriteAsync(
                context, StatusCodes.Status403Forbidden, "host_not_allowed", "This workbench does not answer to that host name. Its owner can add it to Access:AllowedHosts.");
        }

        if (context.Request.Headers.Origin is [var origin, ..] && !IsSame(origin, host))
        {
            return ApiError.WriteAsync(context, StatusCodes.Status403Forbidden, "origin_not_allowed", "Requests from other sites are refused.");
        }

        return next(context);
    }

    private static bool IsLocalAddress(string host, IPAddress? local)
    {
        if (local is { IsIPv4MappedToIPv6: true })
        {
            local = local.MapToIPv4();
        }

        return IPAddress.TryParse(host, out var address) && address.Equals(local);
    }

    // The scheme may differ: a proxy in front may speak TLS.
    private static bool IsSame(string? origin, HostString host) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri)
        && uri.Scheme is "http" or "https"
        && string.Equals(uri.Host, host.Host, StringComparison.OrdinalIgnoreCase)
        && uri.Port == (host.Port ?? (uri.Scheme == "https" ? 443 : 80));
}
