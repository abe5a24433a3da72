using System.Text.Json;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.EngineNode.Errors;

namespace MuseWorkbench.EngineNode.Chat;

/// <summary>Reads a request's body.</summary>
internal static class ChatBody
{
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = ApiLimits.JsonDepth, AllowDuplicateProperties = false };

    public static async Task<ChatRequest> ReadAsync(HttpRequest request, ToolCallFormat toolCalls, CancellationToken cancellationToken)
    {
        // A form or plain text could be sent blindly by a page of another site; JSON can't without asking first.
        if (!request.HasJsonContentType())
        {
            throw new ApiException(new ApiError(
                StatusCodes.Status415UnsupportedMediaType, "The body must be JSON, with 'Content-Type: application/json'.", ApiError.Invalid, "unsupported_media_type"));
        }

        try
        {
            using var document = await JsonDocument.ParseAsync(request.Body, s_options, cancellationToken);
            return ChatRequestReader.Read(document.RootElement, toolCalls);
        }
        catch (JsonException error)
        {
            throw new ApiException(ApiError.BadRequest($"The body is not valid JSON of at most {ApiLimits.JsonDepth} levels without repeated names.", "invalid_json"), error);
        }
        catch (InvalidOperationException error) when (error is not ObjectDisposedException)
        {
            // What System.Text.Json throws where a string is no Unicode text: half of a surrogate pair, broken UTF-8.
            throw new ApiException(ApiError.BadRequest("The body holds text that is not valid Unicode.", "invalid_json"), error);
        }
    }
}
