using System.Collections.Immutable;

namespace MuseWorkbench.Web.Features.Workbench.State;

/// <summary>What a structured answer is about.</summary>
public enum SceneKind
{
    /// <summary>Foods, with a score and what is in them.</summary>
    Food,
    /// <summary>What to do, step by step, each at its part.</summary>
    Steps,
    /// <summary>Values read off a chart.</summary>
    Values,
}

/// <summary>An answer of one of the shapes in docs/structured-answers.md.</summary>
public sealed record StructuredAnswer(SceneKind Kind, string? Title, string? Summary, ImmutableArray<AnswerItem> Items);

/// <summary>One part of a structured answer; what it did not say is null.</summary>
/// <param name="Label">What it is.</param>
/// <param name="Start">Where its JSON begins in the text, in UTF-16 units.</param>
/// <param name="End">Where it ends.</param>
public sealed record AnswerItem(string Label, int Start, int End)
{
    /// <summary>What to do, or a remark.</summary>
    public string? Text { get; init; }
    /// <summary>0 (worst) to 10.</summary>
    public double? Score { get; init; }
    public double? EnergyKcal { get; init; }
    public double? CarbohydrateG { get; init; }
    public double? ProteinG { get; init; }
    public double? FatG { get; init; }
    /// <summary>Where the amounts are from, where the answer did not give them.</summary>
    public string? Source { get; init; }
    /// <summary>A value read off, as it was written.</summary>
    public string? Value { get; init; }
    public string? Unit { get; init; }
}
