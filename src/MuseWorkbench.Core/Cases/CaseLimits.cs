namespace MuseWorkbench.Core;

/// <summary>What a case may hold at most. Lengths are in UTF-16 units.</summary>
public static class CaseLimits
{
    public const int IdLength = 128;
    public const int PromptLength = 32_000;
    public const int Images = 8;
    public const int Choices = 64;
    public const int ChoiceLength = 2_000;
    public const int ExpectedLength = 32_000;
    public const int Regions = 1_000;
    public const int LabelLength = 200;
    /// <summary>Characters of a table, a case's or a run's: what a case holds can be asked.</summary>
    public const int TableLength = 256 << 10;

    /// <summary>Rows below the one that names the columns.</summary>
    public const int TableRows = 5_000;
    public const int TableColumns = 64;
    public const int Assertions = 64;
    public const int AssertionLength = 16 << 10;
    public const int Tags = 20;
    public const int TagLength = 64;
    public const int SplitLength = 40;
    public const int NotesLength = 20_000;

    /// <summary>Cases of one dataset.</summary>
    public const int CasesPerDataset = 100_000;
    public const int DatasetNameLength = 120;
}
