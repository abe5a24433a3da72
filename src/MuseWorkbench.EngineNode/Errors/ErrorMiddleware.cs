using MuseWorkbench.Engine.Requests;

namespace MuseWorkbench.EngineNode.Errors;

/// <summary>The outermost middleware: whatever goes wrong leaves as an error in OpenAI's shape, without a stack trace.</summary>
internal sealed class ErrorMiddleware(RequestDelegate next, ILogger<ErrorMiddleware> logger)
{
    public const string RequestIdHeader = "X-Request-Id";

    public async Task InvokeAsync(HttpContext context)
    {
        context.Response.Headers[RequestIdHeader] = context.TraceIdentifier;
        try
        {
            await next(context);
            if (!context.Response.HasStarted && context.Response.StatusCode >= 400)
            {
                await WriteAsync(context, ApiError.ForStatus(context.Response.StatusCode));
            }
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            logger.ClientGone(context.TraceIdentifier);
            if (!context.Response.HasStarted)
            {
                // Nobody reads it, but the server's own log then says what happened.
                context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            }
        }
        catch (Exception error) when (!context.Response.HasStarted)
        {
            var api = Explain(error);
            if (api.Status == StatusCodes.Status500InternalServerError)
            {
                logger.RequestFailed(context.TraceIdentifier, error);
            }
            else
            {
                logger.RequestRefused(context.TraceIdentifier, api.Status, api.Code);
            }

            await WriteAsync(context, api);
        }
        catch (Exception error)
        {
            // Too late for a status: cutting the connection is the only way left to say that the reply is not whole.
            logger.RequestFailed(context.TraceIdentifier, error);
            context.Abort();
        }
    }

    /// <summary>The client's view of an exception.</summary>
    public static ApiError Explain(Exception error) => error switch
    {
        ApiException api => api.Error,
        RequestRejectedException rejected => ApiError.BadRequest(rejected.Message, rejected.Code, rejected.Parameter),
        EngineFailedException failed => new(StatusCodes.Status503ServiceUnavailable, failed.Message, ApiError.Server, "engine_failed"),
        BadHttpRequestException bad => ApiError.ForStatus(bad.StatusCode),
        _ => ApiError.Unexpected,
    };

    private static async Task WriteAsync(HttpContext context, ApiError error)
    {
        var response = context.Response;
        // Headers set for the reply that will not come must not describe this one; the request id stays.
        response.Clear();
        response.Headers[RequestIdHeader] = context.TraceIdentifier;
        response.StatusCode = error.Status;
        if (error.Status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }

        await response.WriteAsJsonAsync(error.ToBody(), ApiJson.Options, context.RequestAborted);
    }
}
