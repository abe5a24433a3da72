using System.Net;
using MuseWorkbench.Web.Access;

namespace MuseWorkbench.Web.Hosting;

/// <summary>The address used where none is configured in any of the usual ways.</summary>
internal static class DefaultAddress
{
    public const string Url = "http://127.0.0.1:5080";

    public static void UseDefaultAddress(this WebApplicationBuilder builder)
    {
        string[] ways = [WebHostDefaults.ServerUrlsKey, WebHostDefaults.HttpPortsKey, WebHostDefaults.HttpsPortsKey];
        if (ways.All(way => string.IsNullOrEmpty(builder.Configuration[way])) && !builder.Configuration.GetSection("Kestrel:Endpoints").Exists())
        {
            builder.WebHost.UseUrls(Url);
        }

        var endpoints = builder.Configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]);
        foreach (var url in (builder.Configuration[WebHostDefaults.ServerUrlsKey] ?? "").Split(';').Concat(endpoints))
        {
            Check(url?.Trim());
        }
    }

    private static void Check(string? url)
    {
        if (string.IsNullOrEmpty(url))
        {
            return;
        }

        try
        {
            if (BindingAddress.Parse(url).Port is >= 0 and <= IPEndPoint.MaxPort)
            {
                return;
            }
        }
        catch (FormatException)
        {
            // Told below.
        }

        throw new StartRefusedException($"'{url}' is not an address to listen on. Give one such as --urls {Url}.");
    }
}
