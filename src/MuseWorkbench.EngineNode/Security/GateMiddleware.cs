using MuseWorkbench.EngineNode.Errors;

namespace MuseWorkbench.EngineNode.Security;

/// <summary>
/// Stands before every endpoint: the Host header must name this machine where only it can connect (a web page whose
/// name was pointed here would say its own), pages of other origins are refused, and all but <c>/health</c> need the key.
/// </summary>
internal sealed class GateMiddleware(RequestDelegate next, ApiKey key, BindAddresses addresses)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (addresses.LoopbackOnly && !BindAddresses.IsLoopback(request.Host.Host))
        {
            throw new ApiException(new ApiError(StatusCodes.Status403Forbidden, "The Host header does not name this machine.", ApiError.Invalid, "host_not_allowed"));
        }

        if (IsForeign(request))
        {
            throw new ApiException(new ApiError(StatusCodes.Status403Forbidden, "Pages of other origins may not call this node.", ApiError.Invalid, "origin_not_allowed"));
        }

        if (request.Path != "/health" && !key.Accepts(request.Headers.Authorization))
        {
            throw new ApiException(new ApiError(StatusCodes.Status401Unauthorized, "Missing or wrong key; send 'Authorization: Bearer KEY'.", "authentication_error", "invalid_api_key"));
        }

        return next(context);
    }

    private static bool IsForeign(HttpRequest request)
    {
        var origin = request.Headers.Origin;
        return origin.Count > 0 && !string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);
    }
}
