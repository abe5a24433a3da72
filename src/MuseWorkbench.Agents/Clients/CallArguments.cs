using System.Text.Json;
using Microsoft.Extensions.AI;

namespace MuseWorkbench.Agents.Clients;

/// <summary>A call's arguments as the model wrote them, which need not be JSON: they are checked where the call is run.</summary>
internal static class CallArguments
{
    public static FunctionCallContent Call(string id, string name, string arguments) => new(id, name) { RawRepresentation = arguments };

    public static string Of(FunctionCallContent call) =>
        call.RawRepresentation as string ?? (call.Arguments is { } arguments ? JsonSerializer.Serialize(arguments) : "{}");

    /// <summary>For sending them back: servers take nothing but an object there.</summary>
    public static string ObjectOf(FunctionCallContent call)
    {
        var text = Of(call);
        try
        {
            using var json = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 32, AllowDuplicateProperties = false });
            return json.RootElement.ValueKind == JsonValueKind.Object ? text : "{}";
        }
        catch (JsonException)
        {
            return "{}";
        }
    }
}
