using Microsoft.AspNetCore.Http.Extensions;

namespace MuseWorkbench.Web.Access;

/// <summary>Turns the printed address (<c>?token=…</c>) into a cookie and a clean address, so that the key leaves the address bar.</summary>
internal sealed class AccessLink(AccessKey key, RequestDelegate next)
{
    private const string Parameter = "token";

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (!HttpMethods.IsGet(request.Method) || request.Query[Parameter] is not [{ } token])
        {
            return next(context);
        }

        if (key.Matches(token))
        {
            key.WriteCookie(context);
        }
        else if (!key.AcceptsCookie(request.Cookies[AccessKey.CookieName(request)]))
        {
            return next(context); // the answer is the page that says how to get in
        }

        var rest = new QueryBuilder(request.Query.Where(pair => pair.Key != Parameter));
        // Starting with exactly one slash, so that "//elsewhere" can't lead away.
        context.Response.Redirect("/" + request.Path.ToUriComponent().TrimStart('/') + rest.ToQueryString());
        context.Response.Headers.CacheControl = "no-store";
        return Task.CompletedTask;
    }
}
