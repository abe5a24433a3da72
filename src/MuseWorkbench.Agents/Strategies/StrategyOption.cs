using System.Collections.Immutable;
using System.Globalization;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Strategies;

/// <summary>
/// One option as a strategy takes it: name, words, range and default. Every value is a number here; a choice's is its
/// place among <see cref="Choices"/>, a yes or no's 1 or 0.
/// </summary>
public sealed record StrategyOption
{
    /// <summary>Its name in <see cref="StrategyOptions"/>, as JSON writes it.</summary>
    public required string Name { get; init; }

    public required string Label { get; init; }

    /// <summary>One line for who sets it.</summary>
    public required string Hint { get; init; }

    public required double Least { get; init; }
    public required double Most { get; init; }
    public required double Default { get; init; }
    public double Step { get; init; } = 1;

    /// <summary>What the least value is called, where it means something else than a number; null where not.</summary>
    public string? LeastText { get; init; }

    /// <summary>Words for each value, in order; empty for a number.</summary>
    public ImmutableArray<string> Choices { get; init; } = [];

    /// <summary>Reads it; null where it is not set.</summary>
    public required Func<StrategyOptions, double?> Read { get; init; }
    /// <summary>The options with it set.</summary>
    public required Func<StrategyOptions, double?, StrategyOptions> Write { get; init; }

    /// <summary>The value set, or the default.</summary>
    public double Of(StrategyOptions? options) => (options is null ? null : Read(options)) ?? Default;

    /// <summary>Whether a value is set.</summary>
    public bool IsSet(StrategyOptions? options) => options is not null && Read(options) is not null;

    /// <summary>The options with this one set; null takes it back to the default.</summary>
    public StrategyOptions Set(StrategyOptions? options, double? value) => Write(options ?? new StrategyOptions(), value);

    /// <summary>What is wrong with the value set, in words; null where nothing is.</summary>
    public string? Fault(StrategyOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        // Written so that NaN is out of range.
        return Read(options) is not { } value || (value >= Least && value <= Most)
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{Label} must lie between {Least:0.##} and {Most:#,0.##}.");
    }
}
