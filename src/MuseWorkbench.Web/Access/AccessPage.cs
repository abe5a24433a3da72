namespace MuseWorkbench.Web.Access;

/// <summary>What someone without the key sees: how to get in, and nothing else.</summary>
internal static class AccessPage
{
    public static Task WriteAsync(HttpContext context, bool keyIsConfigured)
    {
        context.Response.Headers.CacheControl = "no-store";
        var wantsPage = HttpMethods.IsGet(context.Request.Method) && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal);
        if (!wantsPage)
        {
            return ApiError.WriteAsync(
                context, context.Response.StatusCode, "unauthorized", "A key is needed: send it in the header Authorization: Bearer KEY, or open the address printed at start.");
        }

        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync(Page(keyIsConfigured
            ? "It opens with the key its owner set (<code>Access:Key</code>)."
            : "It opens with the address it printed in the terminal when it started: the one that ends in <code>?token=…</code>. Open that address, or paste the part after <code>token=</code> here."));
    }

    private static string Page(string how) => $$"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Muse Workbench: key needed</title>
        <style>
          :root { color-scheme: light dark; }
          body { font: 15px/1.5 system-ui, sans-serif; display: grid; place-items: center; min-height: 100vh; margin: 0; }
          main { max-width: 28rem; padding: 1.5rem; }
          h1 { font-size: 1.25rem; margin: 0 0 .5rem; }
          code { font-size: .9em; }
          form { display: flex; gap: .5rem; margin-top: 1rem; }
          input { flex: 1; min-width: 0; }
          input, button { font: inherit; padding: .4rem .6rem; border-radius: 6px; border: 1px solid GrayText; }
        </style>
        </head>
        <body>
        <main>
        <h1>This workbench is locked</h1>
        <p>{{how}}</p>
        <form action="/" method="get">
          <input type="password" name="token" aria-label="Key" autocomplete="current-password" required autofocus>
          <button>Open</button>
        </form>
        </main>
        </body>
        </html>
        """;
}
