using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace MuseWorkbench.Web.Access;

/// <summary>Lets in who brings the key as a bearer token or the cookie got for it; tells everyone else how to get in.</summary>
internal sealed class AccessHandler(
    AccessKey key, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "Access";

    private const string Bearer = "Bearer ";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            // A wrong key is not saved by a cookie: who sends one means it.
            return Task.FromResult(key.Matches(header[Bearer.Length..].Trim()) ? Accept() : AuthenticateResult.Fail("Wrong key."));
        }

        return Task.FromResult(key.AcceptsCookie(Request.Cookies[AccessKey.CookieName(Request)]) ? Accept() : AuthenticateResult.NoResult());
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = "Bearer";
        return AccessPage.WriteAsync(Context, key.IsConfigured);
    }

    private static AuthenticateResult Accept()
    {
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, "owner")], SchemeName);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }
}
