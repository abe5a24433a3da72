namespace MuseWorkbench.EngineNode;

/// <summary>What one request may ask for at most. Each is documented in docs/engine-node.md and tested.</summary>
internal static class ApiLimits
{
    public const long BodyBytes = 64L * 1024 * 1024;
    public const int JsonDepth = 32;
    public const int Messages = 4096;
    public const int Images = 16;

    /// <summary>All images of a request together, in pixels: 300 MB decoded.</summary>
    public const long ImagePixels = 100_000_000;

    public const int Sequences = 16;
    public const int StopTexts = 8;
    public const int StopTextLength = 256;
    public const int LogitBiases = 1024;
    public const int TopLogProbs = 20;
    /// <summary>Characters of <c>run_id</c> and <c>agent</c>.</summary>
    public const int NameLength = 128;
    public const int Priority = 1000;
    /// <summary>Tokens of a confidence group where a request does not say.</summary>
    public const int ConfidenceWindow = 128;

    /// <summary>
    /// Tokens of a stream that come within this time leave together, but for the first: fifty times a second looks like one by one. Where
    /// threads compute on every core, each wake-up of another holds them up at their next barrier.
    /// </summary>
    public static readonly TimeSpan StreamInterval = TimeSpan.FromMilliseconds(20);

    public const int Tools = 128;
    public const int ToolName = 64;

    /// <summary>Calls in one reply, and in one message sent.</summary>
    public const int ToolCalls = 16;

    /// <summary>Variables for the chat template, in characters of JSON.</summary>
    public const int TemplateVariables = 16 * 1024;
}
