using System.Text.Json;
using System.Text.Json.Serialization;

namespace MuseWorkbench.EngineNode.Errors;

/// <summary>An error as the OpenAI API shows it.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Message">For a person.</param>
/// <param name="Type">The family: <c>invalid_request_error</c>, <c>authentication_error</c>, <c>server_error</c> …</param>
/// <param name="Code">For a program.</param>
/// <param name="Param">The parameter at fault, such as <c>messages[0].content</c>.</param>
internal sealed record ApiError(int Status, string Message, string Type, string? Code, string? Param = null)
{
    public const string Invalid = "invalid_request_error";
    public const string Server = "server_error";

    public static ApiError Loading { get; } = new(StatusCodes.Status503ServiceUnavailable, "Loading model", "unavailable_error", "model_loading");

    public static ApiError Unexpected { get; } = new(StatusCodes.Status500InternalServerError, "The node failed unexpectedly; its log says more.", Server, "internal_error");

    public static ApiError Stopping { get; } = new(StatusCodes.Status503ServiceUnavailable, "The node is shutting down.", Server, "shutting_down");

    public static ApiError BadRequest(string message, string code, string? param = null) =>
        new(StatusCodes.Status400BadRequest, message, Invalid, code, param);

    /// <summary>The general error of a status nobody explained further.</summary>
    public static ApiError ForStatus(int status) => status switch
    {
        StatusCodes.Status404NotFound => new(status, "No such endpoint.", Invalid, "not_found"),
        StatusCodes.Status405MethodNotAllowed => new(status, "This endpoint does not take that method.", Invalid, "method_not_allowed"),
        StatusCodes.Status413PayloadTooLarge => new(status, $"The body is larger than {ApiLimits.BodyBytes / (1024 * 1024)} MiB.", Invalid, "request_too_large"),
        StatusCodes.Status408RequestTimeout => new(status, "The body came too slowly.", Invalid, "request_timeout"),
        >= 500 => Unexpected with { Status = status },
        _ => new(status, "The request is malformed.", Invalid, "bad_request"),
    };

    /// <summary>As the reply's body.</summary>
    public string ToJson() => JsonSerializer.Serialize(ToBody(), ApiJson.Options);

    /// <summary>As an object to write.</summary>
    public ErrorBody ToBody() => new(new ErrorContent(Message, Type, Param, Code));
}

/// <summary>What an error looks like on the wire; nulls are written.</summary>
internal sealed record ErrorBody(ErrorContent Error);

/// <inheritdoc cref="ErrorBody"/>
internal sealed record ErrorContent(
    string Message,
    string Type,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Param,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Code);

/// <summary>Ends a request with an error for the client.</summary>
internal sealed class ApiException(ApiError error, Exception? inner = null) : Exception(error.Message, inner)
{
    public ApiError Error { get; } = error;
}
