namespace MuseWorkbench.Web.Access;

/// <summary>Headers every answer carries: only our own code and data load, nobody frames us, no address leaks.</summary>
internal static class SecurityHeaders
{
    public static void Apply(HttpContext context)
    {
        var headers = context.Response.Headers;
        // Styles: Radzen positions and plotly draws with style attributes. WebSockets: older Safari does not count them as 'self'.
        var host = context.Request.Host.Value;
        headers.ContentSecurityPolicy =
            "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
            + $"connect-src 'self' ws://{host} wss://{host}; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }
}
