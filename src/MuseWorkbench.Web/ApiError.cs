using System.Text.Json;

namespace MuseWorkbench.Web;

/// <summary>Errors of the HTTP API: <c>{"error":{"message","code"}}</c>, the message a sentence for a person.</summary>
internal static class ApiError
{
    public static IResult Result(int status, string code, string message) =>
        Results.Json(Body(code, message), statusCode: status);

    public static Task WriteAsync(HttpContext context, int status, string code, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        return context.Response.WriteAsync(JsonSerializer.Serialize(Body(code, message)));
    }

    private static object Body(string code, string message) => new { error = new { message, code } };
}
