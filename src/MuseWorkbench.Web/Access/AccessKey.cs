using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace MuseWorkbench.Web.Access;

/// <summary>The key that opens the workbench, and the cookie a browser gets for it.</summary>
internal sealed class AccessKey
{
    private static readonly TimeSpan s_cookieLife = TimeSpan.FromDays(7);

    private readonly byte[] _hash;
    private readonly string _cookieContent;
    private readonly ITimeLimitedDataProtector _protector;

    public AccessKey(IOptions<AccessOptions> options, IDataProtectionProvider protection)
    {
        IsConfigured = !string.IsNullOrEmpty(options.Value.Key);
        Value = IsConfigured ? options.Value.Key! : Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        _hash = Hash(Value);
        // A cookie outlives a restart, but not a change of the configured key.
        _cookieContent = IsConfigured ? Convert.ToHexStringLower(Hash("cookie:" + Value)) : "generated";
        _protector = protection.CreateProtector("MuseWorkbench.Access").ToTimeLimitedDataProtector();
    }

    public string Value { get; }

    /// <summary>Whether the key was set by the owner rather than made up at start.</summary>
    public bool IsConfigured { get; }

    /// <summary>Browsers share cookies between the ports of one host name, so the port is part of the name.</summary>
    public static string CookieName(HttpRequest request) => $"muse-access-{request.Host.Port ?? 80}";

    /// <summary>Compares in time that does not depend on where the two differ.</summary>
    public bool Matches(string candidate) => CryptographicOperations.FixedTimeEquals(_hash, Hash(candidate));

    public bool AcceptsCookie(string? cookie)
    {
        if (string.IsNullOrEmpty(cookie))
        {
            return false;
        }

        try
        {
            return _protector.Unprotect(cookie) == _cookieContent;
        }
        catch (CryptographicException)
        {
            return false; // expired, forged, or from another data directory
        }
    }

    public void WriteCookie(HttpContext context) =>
        context.Response.Cookies.Append(CookieName(context.Request), _protector.Protect(_cookieContent, s_cookieLife), new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Strict,
            Secure = context.Request.IsHttps,
            MaxAge = s_cookieLife,
            Path = "/",
            IsEssential = true,
        });

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
