namespace MuseWorkbench.Engine.Prompts.Jinja;

/// <summary>What a template may take. Templates come with model files, and model files from strangers.</summary>
internal sealed record JinjaLimits
{
    public static JinjaLimits Default { get; } = new();

    /// <summary>Longest template, in characters.</summary>
    public const int TemplateLength = 256 * 1024;

    /// <summary>Deepest nesting of expressions and blocks.</summary>
    public const int Nesting = 100;

    /// <summary>Longest <c>range</c>, as in Jinja's own sandbox.</summary>
    public const int RangeLength = 100_000;

    /// <summary>Expressions and statements evaluated, and items stepped over.</summary>
    public int Steps { get; init; } = 1_000_000;

    /// <summary>Characters of the result, and of any text on the way.</summary>
    public int Output { get; init; } = 16 * 1024 * 1024;

    /// <summary>Characters of all texts made on the way; a list's item counts as 16.</summary>
    public long Produced { get; init; } = 128L * 1024 * 1024;

    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(5);
}
