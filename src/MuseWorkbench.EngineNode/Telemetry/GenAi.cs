namespace MuseWorkbench.EngineNode.Telemetry;

/// <summary>Names of OpenTelemetry's semantic conventions for generative AI, and ours beside them.</summary>
internal static class GenAi
{
    public const string Provider = "muse-workbench";

    public const string OperationName = "gen_ai.operation.name";
    public const string ProviderName = "gen_ai.provider.name";
    public const string RequestModel = "gen_ai.request.model";
    public const string ResponseModel = "gen_ai.response.model";
    public const string TokenType = "gen_ai.token.type";
    public const string ErrorType = "error.type";
}
