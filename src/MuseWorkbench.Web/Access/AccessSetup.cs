using System.Net;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;

namespace MuseWorkbench.Web.Access;

/// <summary>Closed by default: every route needs the key, and a bind beyond this machine needs one its owner chose.</summary>
internal static class AccessSetup
{
    public static void AddAccess(this WebApplicationBuilder builder)
    {
        var section = builder.Configuration.GetSection("Access");
        builder.Services.AddOptions<AccessOptions>().Bind(section)
            .Validate(o => string.IsNullOrEmpty(o.Key) || o.Key.Length >= AccessOptions.MinKeyLength, $"Access:Key is too short: use {AccessOptions.MinKeyLength} characters or more.")
            .ValidateOnStart();
        builder.Services.AddSingleton<AccessKey>();
        builder.Services.AddAuthentication(AccessHandler.SchemeName).AddScheme<AuthenticationSchemeOptions, AccessHandler>(AccessHandler.SchemeName, null);
        builder.Services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // Called for every endpoint however it was configured, before it is opened.
            kestrel.ConfigureEndpointDefaults(listen =>
            {
                if (listen.IPEndPoint is { } end && !IPAddress.IsLoopback(end.Address) && string.IsNullOrEmpty(section["Key"]))
                {
                    throw new StartRefusedException(
                        $"Refusing to listen on {end}: others could reach it. Set a key of your own first, such as with the environment variable Access__Key (at least {AccessOptions.MinKeyLength} characters).");
                }
            });
        });
    }

    /// <summary>Must come before anything that answers.</summary>
    public static void UseAccess(this WebApplication app)
    {
        app.Use((context, next) =>
        {
            SecurityHeaders.Apply(context);
            return next(context);
        });
        app.UseMiddleware<OriginGuard>();
        app.UseMiddleware<AccessLink>();
        app.UseAuthentication();
        app.UseAuthorization();
    }
}

/// <summary>The workbench can't start as configured; the message is for its owner.</summary>
public sealed class StartRefusedException(string message) : Exception(message);
