using System.Collections.Immutable;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace MuseWorkbench.Curation.Scoring.Scorers;

/// <summary>The text is the value, apart from space around it.</summary>
public sealed record EqualsScorer : TextScorer
{
    [JsonConverter(typeof(TextConverter))]
    public required string Value { get; init; }

    /// <summary>Whether case counts for nothing.</summary>
    public bool IgnoreCase { get; init; }

    public override Score Score(string text) => Scoring.Score.Of(
        string.Equals(text.Trim(), Value.Trim(), IgnoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal),
        $"{Words.Quote(text)} against {Words.Quote(Value)}");
}

/// <summary>The text begins with the value.</summary>
public sealed record StartsWithScorer : TextScorer
{
    [JsonConverter(typeof(TextConverter))]
    public required string Value { get; init; }

    internal override string? FindProblem() => Value.Length == 0 ? "'value' is empty: every text begins with that." : null;

    public override Score Score(string text) =>
        Scoring.Score.Of(text.TrimStart().StartsWith(Value, StringComparison.Ordinal), $"{Words.Quote(text)} against {Words.Quote(Value)} at its beginning");
}

/// <summary>The text holds one of the values, or all of them.</summary>
public sealed record ContainsScorer : TextScorer
{
    [JsonConverter(typeof(TextListConverter))]
    public required ImmutableArray<string> Value { get; init; }

    /// <summary>Whether every value must be there; else one is enough.</summary>
    [JsonIgnore]
    public bool All { get; init; }

    [JsonIgnore]
    public bool IgnoreCase { get; init; }

    /// <summary>Whether only one value may be given.</summary>
    [JsonIgnore]
    public bool Single { get; init; }

    internal override string? FindProblem() =>
        Value.IsEmpty ? "'value' is empty." :
        Value.Any(string.IsNullOrEmpty) ? "'value' holds an empty text: every text contains that." :
        Single && Value.Length > 1 ? "'value' is one text; for several there are contains-any and contains-all." : null;

    public override Score Score(string text)
    {
        var comparison = IgnoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        var found = Value.Where(value => text.Contains(value, comparison)).ToList();
        var missing = Value.Except(found).ToList();
        return Scoring.Score.Of(
            All ? missing.Count == 0 : found.Count > 0,
            All && missing.Count > 0 ? $"lacks {string.Join(", ", missing.Select(Words.Quote))}"
            : found.Count > 0 ? $"contains {string.Join(", ", found.Select(Words.Quote))}"
            : $"contains none of {string.Join(", ", Value.Select(Words.Quote))}");
    }
}

/// <summary>
/// The text matches a regular expression. It is matched in time linear in the text (no backtracking), so neither a
/// pattern nor a text can hang a worker; look-arounds and back-references are therefore refused.
/// </summary>
public sealed record RegexScorer : TextScorer
{
    /// <summary>Longest pattern, in characters, and longest text that is looked at.</summary>
    public const int MaxPattern = 2_000, MaxText = 1_000_000;

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(2);
    private readonly Regex? _regex;
    private readonly string? _problem;
    private readonly string _value = "";

    public required string Value
    {
        get => _value;
        init
        {
            _value = value;
            (_regex, _problem) = Compile(value);
        }
    }

    internal override string? FindProblem() => _problem;

    public override Score Score(string text)
    {
        if (_regex is null)
            return Scoring.Score.Error(_problem!);
        if (text.Length > MaxText)
            return Scoring.Score.Error($"The text is longer than the {MaxText:N0} characters a pattern is tried on.");
        var match = _regex.Match(text);
        return Scoring.Score.Of(match.Success, match.Success ? $"matches at {Words.Quote(match.Value)}" : $"nothing in {Words.Quote(text)} matches");
    }

    private static (Regex?, string?) Compile(string pattern)
    {
        if (pattern.Length > MaxPattern)
            return (null, $"The pattern is longer than {MaxPattern:N0} characters.");
        try
        {
            return (new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, s_timeout), null);
        }
        catch (NotSupportedException)
        {
            return (null, "The pattern has a look-around, a back-reference or an atomic group (or is too large): those take time without bound and are not run.");
        }
        catch (ArgumentException e)
        {
            return (null, $"The pattern can't be read: {e.Message}");
        }
    }
}
